/** Setup on a host with a systemd user manager: the agent becomes a unit of it, and is none any more after undo. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SetupJson } from '../../src/cli/json.ts';
import { homeOf } from '../rigs/lab/home.ts';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';
import { canHaveUserManager, startUserManager, type UserManager } from '../rigs/lab/systemd.ts';
import { until } from '../rigs/until.ts';

const PASSWORD = 'Correct horse, 7 staples';
/** What the agents and tmux keep of their own, with or without setup. */
const OWN = ['.local/state/hotdesk/agent.log', '.config', '.cache', '.xpra'];
const SLOW_MS = 60_000;

let lab: Lab;
let manager: UserManager | undefined;
beforeAll(async () => {
  lab = await Lab.up({ hosts: 2, seats: true });
  await lab.host(2).script('passwd', PASSWORD);
  for (const host of lab.hosts) {
    await new Desk(host).ok(['agent', 'start']);
    rmSync(join(host.home, '.ssh'), { recursive: true });
  }
  await new Desk(lab.host(2)).ok(['agent', 'stop']);
  if (canHaveUserManager()) manager = await startUserManager(lab.host(2), `hotdesk-${process.pid}`);
});
afterAll(async () => {
  await manager?.end();
  await lab?.down();
});

it.runIf(canHaveUserManager())(
  'keeps the agent running there, and no session ends with it',
  async () => {
    const far = lab.host(2);
    const [desk, there] = [new Desk(lab.host(1)), new Desk(far)];
    const ctl = async (...words: string[]) => (await manager?.ctl(...words))?.stdout.trim();
    const pid = async () => Number(await ctl('show', '-P', 'MainPID', 'hotdesk'));
    const before = lab.hosts.map(({ home }) => homeOf(home, OWN));

    const key = join(far.dir, 'etc/ssh/ssh_host_ed25519_key.pub');
    const fingerprint = execFileSync('ssh-keygen', ['-lf', key]).toString().split(' ')[1] ?? '';
    const asked = ['--host-key', fingerprint, '--password-stdin', '--yes', '--json', '--skip', 'proof'];
    const ran = await desk.run(['setup', 'h2.local', ...asked], {
      stdin: `${PASSWORD}\n`,
      timeoutMs: SLOW_MS,
    });
    const { steps } = JSON.parse(ran.stdout) as ReturnType<typeof SetupJson.parse>;
    const agent = steps.find(({ step }) => step === 'agent');
    expect(agent).toMatchObject({ outcome: 'done' });
    expect(agent?.lines).toContain('It is a systemd user unit, hotdesk.service.');
    // No logind runs here that could let it linger: that is said, and no fault.
    expect(agent?.lines.join(' ')).toContain('only while you are logged in');
    expect(await ctl('is-enabled', 'hotdesk')).toBe('enabled');
    expect(await ctl('is-active', 'hotdesk')).toBe('active');

    const first = await pid();
    expect(JSON.parse((await there.ok(['agent', 'status', '--json'])).stdout)).toMatchObject({
      status: { pid: first },
    });
    // Begun by the unit's own process, so in its control group.
    await there.ok(['start', 'h2', '--backend', 'tmux', '--name', 'kept', '--no-attach']);
    await manager?.ctl('kill', '--signal=KILL', '--kill-who=main', 'hotdesk');
    await until('it is back by itself', async () => ![0, first].includes(await pid()), SLOW_MS);
    await until(
      'and lists the session',
      async () => (await there.ok(['list'])).stdout.includes('kept'),
      SLOW_MS,
    );

    const undone = await desk.ok(['setup', '--undo', 'h2.local', '--yes'], { timeoutMs: SLOW_MS });
    expect(undone.stdout + undone.stderr).toMatch(/hotdesk\.service on h2(?:\.local)? is disabled\./u);
    expect(await ctl('show', '-P', 'LoadState', 'hotdesk')).toBe('not-found');
    expect(await pid()).toBe(0);
    expect((await far.user(['tmux', 'has-session', '-t', 'kept'])).code).toBe(0);
    await far.user(['tmux', 'kill-server']);
    expect(lab.hosts.map(({ home }) => homeOf(home, OWN))).toEqual(before);
  },
  240_000,
);
