/** What stands in the way, told by doctor: the cause in words, and a command that cures it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Check } from '../../src/protocol/api.ts';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';

const SLOW = 240_000;

let lab: Lab;
let desk: Desk;

beforeAll(async () => {
  // Keys alone: nobody is asked.
  lab = await Lab.up({ hosts: 2, seats: true, sshdConfig: { 2: ['KbdInteractiveAuthentication no'] } });
  desk = new Desk(lab.host(1));
  await desk.ok(['hosts', 'add', 'h2.local']);
});
afterAll(async () => {
  await lab?.down();
});

async function doctor(...args: string[]): Promise<readonly Check[]> {
  const ran = await desk.run(['doctor', ...args, '--json'], { timeoutMs: SLOW });
  return (JSON.parse(ran.stdout) as { checks: Check[] }).checks;
}

/** The one check that failed; those after it were not tried. */
async function failed(): Promise<Check> {
  // Nothing is held open from the look before.
  await desk.ok(['agent', 'stop']);
  const checks = await doctor('h2.local');
  const at = checks.findIndex(({ state }) => state === 'failed');
  const check = checks[at];
  if (!check) throw new Error(`nothing failed: ${JSON.stringify(checks)}`);
  expect(checks.slice(0, at).map(({ state }) => state)).not.toContain('skipped');
  expect(checks.slice(at + 1).every(({ state }) => state === 'skipped')).toBe(true);
  return check;
}

const root = (number: 1 | 2, script: string) => lab.host(number).root(['sh', '-c', script]);
/** Before all other lines: sshd takes the first value. */
const sshd = async (...lines: string[]) => {
  await root(
    2,
    `sed -i '/#test$/d' /etc/ssh/sshd_config; printf '%s #test\\n' ${lines.map((l) => `'${l}'`).join(' ')} | cat - /etc/ssh/sshd_config >/run/c; ${lines.length > 0 ? 'cat /run/c >/etc/ssh/sshd_config;' : ''} kill -HUP "$(cat /run/sshd.pid)"`,
  );
};

describe('the way to a host', () => {
  it(
    'has a cause and a cure for each thing that is wrong',
    async () => {
      expect((await doctor('h2.local')).filter(({ state }) => state === 'failed')).toEqual([]);

      rmSync(join(lab.host(1).home, '.ssh/known_hosts'));
      expect(await failed()).toMatchObject({
        name: 'host key',
        hint: expect.stringContaining('`hotdesk setup h2.local`'),
      });
      await desk.ok(['trust', 'h2.local', '--fingerprint', await fingerprint()]);

      await lab.host(2).root(['mv', '/home/user/.ssh', '/home/user/.ssh-away']);
      expect(await failed()).toMatchObject({
        name: 'login',
        detail: expect.stringContaining('does not let user in'),
        hint: expect.stringContaining('hotdesk setup h2.local'),
      });
      await lab.host(2).root(['mv', '/home/user/.ssh-away', '/home/user/.ssh']);

      await lab.host(2).root(['chmod', '777', '/home/user']);
      expect(await failed()).toMatchObject({ name: 'login', hint: expect.stringContaining('chmod go-w ~') });
      await lab.host(2).root(['chmod', '755', '/home/user']);

      await sshd('ForceCommand internal-sftp');
      expect(await failed()).toMatchObject({
        name: 'commands',
        hint: expect.stringContaining('ForceCommand'),
      });
      await sshd();

      await lab.host(2).service('sshd', 'stop');
      expect(await failed()).toMatchObject({
        name: 'reachable',
        hint: expect.stringMatching(/openssh-server|ssh server|SSH server/u),
      });
      await lab.host(2).service('sshd', 'start');
      expect((await doctor('h2.local')).filter(({ state }) => state === 'failed')).toEqual([]);
    },
    SLOW,
  );
});

it(
  'a host that a certificate authority vouches for is known, and it is said which one does',
  async () => {
    const known = join(lab.host(1).home, '.ssh/known_hosts');
    const before = readFileSync(known);
    const sign = [
      'cp /etc/ssh/ssh_host_ed25519_key.pub /run/host.pub',
      'ssh-keygen -q -t ed25519 -N "" -f /run/authority',
      'ssh-keygen -q -s /run/authority -I h2 -h -n h2.local /run/host.pub',
      'cat /run/authority.pub',
    ];
    const authority = (await root(2, sign.join(' && '))).stdout;
    try {
      await sshd('HostCertificate /run/host-cert.pub');
      writeFileSync(known, `@cert-authority *.local ${authority}`);
      await desk.ok(['agent', 'stop']);
      const checks = await doctor('h2.local');
      expect(checks.filter(({ state }) => state === 'failed')).toEqual([]);
      const vouched = /vouched for by certificate authority SHA256:\S+ from \S+known_hosts line 1/u;
      expect(checks.find(({ name }) => name === 'host key')?.detail).toMatch(vouched);
      const trust = await desk.ok(['trust', 'h2.local']);
      expect(trust.stdout).toMatch(vouched);
      expect(trust.stdout).toContain(await fingerprint());
      expect(readFileSync(known, 'utf8')).toBe(`@cert-authority *.local ${authority}`);
    } finally {
      writeFileSync(known, before);
      await sshd();
    }
  },
  SLOW,
);

describe('this machine', () => {
  it(
    'tells what is stopped, with the command that starts it here',
    async () => {
      await lab.host(1).service('avahi', 'stop');
      await lab.host(1).service('sshd', 'stop');
      const checks = await doctor();
      expect(checks.find(({ name }) => name === 'avahi')).toMatchObject({
        state: 'warning',
        detail: expect.stringContaining('is installed and does not run'),
        hint: expect.stringContaining('avahi-daemon --daemonize'),
      });
      const ssh = checks.find(({ name }) => name === 'ssh server');
      expect(ssh).toMatchObject({ state: 'warning', detail: expect.stringContaining('sshd is installed') });
      // The cure works as it stands, for root.
      const [, cure = ''] = /`(?:sudo )?([^`]+)`/u.exec(ssh?.hint ?? '') ?? [];
      expect((await root(1, cure)).code).toBe(0);
      const after = (await doctor()).find(({ name }) => name === 'ssh server');
      expect(after?.state).toBe('ok');
    },
    SLOW,
  );
});

async function fingerprint(): Promise<string> {
  const argv = ['ssh-keygen', '-lf', '/etc/ssh/ssh_host_ed25519_key.pub'];
  return (await lab.host(2).root(argv)).stdout.split(' ')[1] ?? '';
}
