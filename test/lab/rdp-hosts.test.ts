/** A desktop on h2 that speaks RDP and has no SSH: found, trusted, opened from h1 and closed; and who pretends to be it. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desk, type HostRow } from '../rigs/lab/hotdesk.ts';
import { startKeyring } from '../rigs/lab/keyring.ts';
import { Lab } from '../rigs/lab/lab.ts';
import type { Running } from '../rigs/lab/run.ts';
import { filesWith, SecretWatch } from '../rigs/lab/secret.ts';
import { Terminal } from '../rigs/lab/terminal.ts';
import { shotFile } from '../rigs/shots.ts';
import { until } from '../rigs/until.ts';
import { XRDP_PASSWORD as PASSWORD } from '../rigs/xrdp/password.ts';
import { XRDP_SCRIPT } from '../rigs/xrdp/script.ts';

const PATIENCE = 60_000;
/** Asked for the user first, then for the password. */
const ASKPASS = `#!/bin/sh
printf '%s\\n' "$1" >>/home/user/.asked
case $1 in User*) echo user ;; *) cat /home/user/.answer ;; esac
`;

type Row = HostRow & { readonly rdp?: { readonly host: string; readonly port: number } };

describe('a host that speaks RDP and has no SSH', () => {
  let lab: Lab;
  let h1: Desk;
  let h2: Desk;
  let h3: Desk;
  const running: Running[] = [];

  const answers = (password: string) =>
    h1.host.user(['sh', '-c', 'cat >.answer; : >.asked'], { stdin: `${password}\n` });
  const asking = { env: { SSH_ASKPASS: '/home/user/.askpass', SSH_ASKPASS_REQUIRE: 'force' } };
  const run = (...args: string[]) => h1.run(args, { ...asking, timeoutMs: 120_000 });
  const refusal = async (...args: string[]) => {
    const [command = '', ...rest] = args;
    const { stdout } = await run(command, '--json', ...rest);
    return (JSON.parse(stdout) as { error: { code: string; message: string; hint?: string } }).error;
  };
  const rows = async () => (await h1.hosts()) as readonly Row[];
  const row = async (name: string) => (await rows()).find((each) => each.name === name);
  const consoles = async () => (await h1.sessions()).filter(({ backend }) => backend === 'console');
  const windows = async () => (await h1.host.windows()).map(({ name }) => name);
  const viewers = () =>
    h1.host.processes().filter(({ argv }) => argv.some((word) => /xfreerdp$/u.test(word)));
  const isClosed = () =>
    until('the viewer is gone', async () => viewers().length === 0 && (await consoles()).length === 0);
  /** Advertises on h2, as a stranger could. */
  const publish = (...args: string[]) => {
    const one = h2.host.spawn(['avahi-publish', '-s', ...args], { timeoutMs: 600_000 });
    running.push(one);
    return one;
  };
  /** Whether most of the seat of h1 has that colour, as far as the way there keeps it. */
  const shows = async (colour: string) => {
    const argv = ['import', '-window', 'root', '-resize', '1x1!', '-depth', '8', 'rgb:-'];
    const cut = ['-crop', '200x200+300+250', '+repage'];
    const { stdoutBytes } = await h1.host.user([...argv.slice(0, 3), ...cut, ...argv.slice(3)], {
      env: h1.host.seatEnv,
    });
    const wanted = Buffer.from(colour.slice(1), 'hex');
    return wanted.every((value, i) => Math.abs(value - (stdoutBytes[i] ?? 0)) < 24);
  };
  const shot = async (name: string) => {
    const file = shotFile(name);
    if (file) await h1.host.screenshot(file);
  };
  const fingerprint = async () => {
    const cert = ['openssl', 'x509', '-in', '/etc/xrdp/cert.pem', '-noout', '-fingerprint', '-sha256'];
    return (await h2.host.root(cert)).stdout.trim().split('=')[1]?.toLowerCase() ?? '';
  };
  const serve = async () => {
    const served = await h2.host.root(['bash', '-s', 'serve', '/run/xrdp-log'], {
      stdin: readFileSync(XRDP_SCRIPT, 'utf8'),
    });
    if (served.code !== 0) throw new Error(`xrdp does not run: ${served.stderr}`);
  };
  /** Ends what runs under that name on h2. */
  const end = (program: string) =>
    until(`${program} has ended`, () => {
      const all = h2.host.processes(true).filter(({ argv }) => argv[0] === program);
      for (const { outerPid } of all) process.kill(outerPid, 'SIGKILL');
      return all.length === 0;
    });

  beforeAll(async () => {
    lab = await Lab.up({ hosts: 3, avahi: [2], seats: true });
    const [first, second, third] = lab.hosts.map((host) => new Desk(host));
    if (!first || !second || !third) throw new Error('the lab has three hosts');
    [h1, h2, h3] = [first, second, third];
    await h2.host.service('sshd', 'stop');
    await h2.host.root(['chpasswd'], { stdin: `user:${PASSWORD}\n` });
    await h2.host.root(['mkdir', '-p', '/run/xrdp-log']);
    await h1.host.user(['sh', '-c', 'cat >.askpass; chmod +x .askpass'], { stdin: ASKPASS });
    // What a login there shows.
    const session = '#!/bin/sh\nxsetroot -solid "#336699"\nexec xterm -geometry 40x5\n';
    await h2.host.user(['sh', '-c', 'cat >startwm.sh; chmod +x startwm.sh'], { stdin: session });
    await serve();
    const env = await startKeyring(h1.host);
    for (const desk of [h1, h3]) await desk.ok(['agent', 'start'], { env });
  });
  afterAll(async () => {
    for (const { child } of running) child.kill('SIGKILL');
    await lab?.down();
  });

  it('is found and listed as what it is: not unreachable, not to be set up, nothing to be started', async () => {
    publish('Office PC', '_rdp._tcp', '3389');
    await until('h2 is found', async () => (await row('h2'))?.state === 'rdp-only');
    expect(await row('h2')).toMatchObject({ foundBy: ['mdns'], rdp: { host: 'h2.local', port: 3389 } });
    expect(await row('h2')).not.toHaveProperty('problem');
    const table = await h1.ok(['hosts']);
    expect(table.stdout).toMatch(/h2 +RDP only/u);
    const list = await h1.ok(['list', 'h2']);
    expect(list.stdout + list.stderr).not.toMatch(/unreachable|setup/u);
    expect((await row('h2'))?.state).toBe('rdp-only');
    const { code, hint } = await refusal('start', 'h2', '--', 'xterm');
    expect(code).toBe('not-supported');
    expect(hint).toContain('hotdesk open h2');
  });

  it('is examined as far as it tells', async () => {
    const { stdout } = await h1.ok(['doctor', 'h2']);
    expect(stdout).toMatch(/ok +rdp +port 3389 answers/u);
    expect(stdout).toMatch(/warning +certificate/u);
    expect(stdout).toContain(await fingerprint());
    expect(stdout).toMatch(/skipped +login, sessions/u);
  });

  it('gets no password before its certificate was agreed to', async () => {
    await answers(PASSWORD);
    const { code, message, hint } = await refusal('open', 'h2');
    expect(code).toBe('host-key-unknown');
    expect(message).toContain(await fingerprint());
    expect(hint).toContain('hotdesk trust h2');
    expect((await refusal('trust', 'h2')).code).toBe('confirmation-needed');
    const wrong = Array.from({ length: 32 }, () => 'ab').join(':');
    expect((await refusal('trust', 'h2', '--fingerprint', wrong)).code).toBe('host-key-changed');
    expect((await refusal('open', 'h2')).code).toBe('host-key-unknown');
    expect((await h1.host.user(['cat', '.asked'])).stdout).toBe('');
    expect(viewers()).toEqual([]);
  });

  it('is opened once it is trusted, listed while it is, and closed; the password is seen nowhere', async () => {
    await h1.ok(['trust', 'h2', '--fingerprint', await fingerprint()]);
    expect((await h1.ok(['doctor', 'h2'])).stdout).toMatch(/ok +certificate/u);
    const watch = new SecretWatch(lab.hosts, PASSWORD);
    await h1.ok(['open', 'h2', '-o', 'geometry=800x600'], { ...asking, timeoutMs: 120_000 });
    expect((await h1.host.user(['cat', '.asked'])).stdout).toBe('User of h2 (RDP):\nPassword of h2 (RDP):\n');
    await until('its window is there', async () => (await windows()).includes('h2'));
    await until(
      'somebody is logged in there',
      () => h2.host.processes().some(({ argv }) => argv.some((word) => /Xorg$/u.test(word))),
      PATIENCE,
    );
    await until('its desktop is seen', () => shows('#336699'), PATIENCE);
    await shot('rdp-host.png');
    const [session] = await consoles();
    expect(session).toMatchObject({ name: 'h2', host: 'h1', shownAt: ['h1'] });
    expect((await row('h2'))?.state).toBe('rdp-only');
    const { found, processes } = watch.stop();
    expect(found).toEqual([]);
    expect(processes).toBeGreaterThan(20);
    await h1.host.user(['rm', '.answer']);
    expect(await filesWith(h1.host, PASSWORD, ['/home', '/tmp', '/run', '/dev/shm'])).toEqual([]);
    await h1.ok(['stop', session?.ref ?? '', '--yes']);
    await isClosed();
  });

  it('has the name that was typed in, in the same row', async () => {
    await h1.ok(['hosts', 'add', 'office', '--rdp', `user@${h2.host.ip}`]);
    await until('it is one row', async () => (await row('office'))?.foundBy.length === 2);
    expect((await rows()).filter(({ state }) => state === 'rdp-only')).toHaveLength(1);
    // What was typed is another name: its certificate was not agreed to under it.
    expect((await refusal('open', 'office')).code).toBe('host-key-unknown');
    const terminal = new Terminal(h1.host, 'rdp');
    await terminal.open({ columns: 160, env: h1.host.seatEnv });
    await terminal.type('hotdesk open office');
    await terminal.shows('Is this office? Record its certificate?');
    expect(await terminal.screen()).toContain(await fingerprint());
    await terminal.type('n');
    await terminal.shows('Nothing was recorded.');
    await terminal.clear();
    await terminal.type('hotdesk open office');
    await terminal.shows('Is this office? Record its certificate?');
    await terminal.type('y');
    // The user is known.
    await terminal.shows('Password of user on office (RDP):');
    await terminal.secret(PASSWORD);
    await terminal.shows('office is shown here');
    await until('its window is there', async () => (await windows()).includes('office'));
    await h1.ok(['stop', 'office', '--yes']);
    await isClosed();
    await h1.ok(['hosts', 'remove', 'office']);
    await until('it has its own name again', async () => (await row('h2'))?.state === 'rdp-only');
  });

  it('with NLA takes the password before it shows anything, and a wrong one is one error', async () => {
    // As winpr-hash(1) writes it for the password “right”.
    const account = 'user:::fff1399e403bf6c698c9f38e19a3c196:::\n';
    await h2.host.user(['sh', '-c', 'cat >sam'], { stdin: account });
    const argv = ['freerdp-shadow-cli', '/port:3390', '/sec:nla', '/sam-file:/home/user/sam'];
    // A display of its own: logins by xrdp write to the X authority file of the seat's.
    const shown = { DISPLAY: ':31' };
    const screen = ['Xvfb', ':31', '-screen', '0', '1024x768x24', '-noreset', '-nolisten', 'tcp'];
    running.push(h2.host.spawn(screen, { timeoutMs: 600_000, stdin: '' }));
    const colour = ['xsetroot', '-solid', '#a04020'];
    await until('its display', async () => (await h2.host.user(colour, { env: shown })).code === 0, PATIENCE);
    const server = h2.host.spawn(argv, { env: shown, timeoutMs: 600_000, stdin: '' });
    running.push(server);
    await until(
      'it listens',
      async () => (await h2.host.user(['ss', '-tln'])).stdout.includes(':3390 '),
      PATIENCE,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(server.output())}`);
    });
    await h1.ok(['hosts', 'add', 'guarded', '--rdp', `user@${h2.host.ip}:3390`]);
    await until('it is there', async () => (await row('guarded'))?.state === 'rdp-only');
    expect((await h1.ok(['doctor', 'guarded'])).stdout).toContain('NLA');
    const { hint = '' } = await refusal('trust', 'guarded');
    const print = /--fingerprint ([0-9a-f:]{95})/u.exec(hint)?.[1] ?? '';
    await h1.ok(['trust', 'guarded', '--fingerprint', print]);
    await answers('wrong');
    expect((await refusal('open', 'guarded')).code).toBe('auth-failed');
    await isClosed();
    // What xfreerdp was told by hand to believe counts for nothing where another certificate is meant.
    const byHand = ['xfreerdp', `/v:${h2.host.ip}:3390`, '/u:user', '/p:right', '/cert:tofu'];
    const hand = h1.host.spawn(byHand, { env: h1.host.seatEnv, timeoutMs: 600_000 });
    const store = ['grep', '-q', h2.host.ip, '.config/freerdp/known_hosts2'];
    await until('it is believed', async () => (await h1.host.user(store)).code === 0, PATIENCE);
    for (const { outerPid } of viewers()) process.kill(outerPid, 'SIGTERM');
    await hand.result;
    const url = `rdp://user@${h2.host.ip}:3390`;
    const other = Array.from({ length: 32 }, () => 'ab').join(':');
    await answers('right');
    expect((await refusal('open', url, '-o', `certificate=${other}`)).code).toBe('host-key-unknown');
    await isClosed();
    await answers('right');
    await h1.ok(['config', 'set', 'keepPasswords', '["guarded"]']);
    await h1.ok(['open', 'guarded'], { ...asking, timeoutMs: 120_000 });
    await until('its window is there', async () => (await windows()).includes('guarded'));
    await until('its desktop is seen', () => shows('#a04020'), PATIENCE);
    await shot('rdp-host-nla.png');
    const kept = async () => (await h1.host.user(['cat', '.local/state/hotdesk/keyring.json'])).stdout;
    await until('it is kept', async () => (await kept()).includes(`user@guarded:3390 rdp ${print}`));
    await h1.ok(['stop', 'guarded', '--yes']);
    await isClosed();
    await h1.ok(['open', 'guarded'], { env: { SSH_ASKPASS_REQUIRE: 'never' }, timeoutMs: 120_000 });
    await h1.ok(['config', 'unset', 'keepPasswords']);
    expect(await kept()).toBe('');
    await h1.ok(['stop', 'guarded', '--yes']);
    await isClosed();
    await h1.ok(['hosts', 'remove', 'guarded']);
  });

  it('with another certificate is refused until that is agreed to by name', async () => {
    const before = await fingerprint();
    for (const program of ['xrdp', 'xrdp-sesman']) await end(program);
    await h2.host.root([
      ...['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '9', '-subj', '/CN=h2'],
      ...['-keyout', '/etc/xrdp/key2.pem', '-out', '/etc/xrdp/cert2.pem'],
    ]);
    const swap = 'cd /etc/xrdp && rm -f cert.pem key.pem && mv cert2.pem cert.pem && mv key2.pem key.pem';
    await h2.host.root(['sh', '-c', swap]);
    await serve();
    const now = await fingerprint();
    expect(now).not.toBe(before);
    await answers(PASSWORD);
    const { code, message } = await refusal('open', 'h2');
    expect(code).toBe('host-key-changed');
    expect(message).toContain(before);
    expect(message).toContain(now);
    expect((await h1.run(['doctor', 'h2'])).stdout).toMatch(/FAILED +certificate/u);
    expect((await refusal('trust', 'h2')).code).toBe('host-key-changed');
    expect((await refusal('open', 'h2')).code).toBe('host-key-changed');
    expect((await h1.host.user(['cat', '.asked'])).stdout).toBe('');
    expect(viewers()).toEqual([]);
    await h1.ok(['trust', 'h2', '--fingerprint', now]);
    expect((await h1.ok(['doctor', 'h2'])).stdout).toMatch(/ok +certificate/u);
  });

  it('a stranger who says that a host with SSH speaks RDP changes nothing of it', async () => {
    await until('h3 has an agent', async () => (await row('h3'))?.state === 'agent', PATIENCE);
    await h1.ok(['start', 'h3', '--backend', 'tmux', '--name', 'work', '--no-attach', '--', 'sleep', '999']);
    publish('-H', 'h3.local', 'evil \u202e\u0007', '_rdp._tcp', '3389');
    await until('that is heard', async () => (await row('h3'))?.rdp !== undefined);
    expect((await rows()).map(({ name }) => name).sort()).toEqual(['h1', 'h2', 'h3']);
    expect((await row('h3'))?.state).toBe('agent');
    expect((await h1.sessions()).find(({ name }) => name === 'work')).toMatchObject({ host: 'h3' });
    await h1.ok(['stop', 'work', '--yes']);
  });

  it('is gone from the list with its advert', async () => {
    await end('avahi-publish');
    await until('h2 is gone', async () => (await row('h2')) === undefined, PATIENCE);
  });
});
