/** A systemd of the user's own in a lab host, as a login on a machine that systemd booted has it. */
import { readFileSync } from 'node:fs';
import { until } from '../until.ts';
import { LAB_UID, type LabHost } from './host.ts';

/** Only root of the machine itself may give away control groups, not one of a user namespace (cgroups(7)). */
export const canHaveUserManager = (): boolean =>
  /^\s*0\s+0\s+4294967295\s*$/u.test(readFileSync('/proc/self/uid_map', 'utf8'));

const RUNTIME = `/run/user/${LAB_UID}`;

/**
 * Starts it, in a control group of its own. It takes /run/systemd/system for the word that systemd booted the
 * machine (sd_booted(3)).
 */
export async function startUserManager(host: LabHost, group: string): Promise<UserManager> {
  const env = `HOME=/home/user USER=user LOGNAME=user SHELL=/bin/bash PATH=/usr/local/bin:/usr/bin:/bin XDG_RUNTIME_DIR=${RUNTIME} SYSTEMD_LOG_TARGET=console`;
  const script = `
    mkdir -p /run/systemd/system ${RUNTIME} && chown ${LAB_UID}:${LAB_UID} ${RUNTIME} && chmod 700 ${RUNTIME} &&
    mount -t cgroup2 cgroup2 /sys/fs/cgroup && mkdir /sys/fs/cgroup/${group} &&
    chown -R ${LAB_UID}:${LAB_UID} /sys/fs/cgroup/${group} && echo $$ >/sys/fs/cgroup/${group}/cgroup.procs &&
    cd /home/user && exec setpriv --reuid ${LAB_UID} --regid ${LAB_UID} --clear-groups env -i ${env} /lib/systemd/systemd --user`;
  const running = host.root(['sh', '-c', script], { timeoutMs: 600_000 });
  const manager = new UserManager(host, group, running);
  await until(
    'the user manager runs',
    async () => (await manager.ctl('is-system-running')).stdout.trim() === 'running',
    60_000,
  );
  return manager;
}

export class UserManager {
  readonly #host: LabHost;
  readonly #group: string;
  readonly #running: Promise<unknown>;

  constructor(host: LabHost, group: string, running: Promise<unknown>) {
    this.#host = host;
    this.#group = group;
    this.#running = running;
  }

  ctl(...words: readonly string[]) {
    return this.#host.user(['systemctl', '--user', ...words], { env: { XDG_RUNTIME_DIR: RUNTIME } });
  }

  async end(): Promise<void> {
    await this.ctl('exit');
    await this.#running;
    // What outlived its unit on purpose is in there still.
    const folder = `/sys/fs/cgroup/${this.#group}`;
    const empty = `echo 1 >${folder}/cgroup.kill; find ${folder} -depth -type d -exec rmdir {} +`;
    await until(
      'its control group is empty',
      async () => (await this.#host.root(['sh', '-c', empty])).code === 0,
      60_000,
    );
    await this.#host.root(['sh', '-c', `umount /sys/fs/cgroup; rm -r /run/systemd ${RUNTIME}`]);
  }
}
