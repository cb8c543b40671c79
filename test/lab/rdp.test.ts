/** A desktop by xrdp on h2: started with its password from h1, moved to h3, and what goes wrong on the way. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { startKeyring } from '../rigs/lab/keyring.ts';
import { Lab } from '../rigs/lab/lab.ts';
import { filesWith, SecretWatch } from '../rigs/lab/secret.ts';
import { shotFile } from '../rigs/shots.ts';
import { until } from '../rigs/until.ts';
import { ASKING, answers, serveXrdp } from '../rigs/xrdp/lab.ts';
import { XRDP_PASSWORD as PASSWORD } from '../rigs/xrdp/password.ts';

const PATIENCE = 60_000;

describe('RDP between three hosts', () => {
  let lab: Lab;
  let h1: Desk;
  let h2: Desk;
  let h3: Desk;

  beforeAll(async () => {
    lab = await Lab.up({ hosts: 3, avahi: [], seats: true });
    const [first, second, third] = lab.hosts.map((host) => new Desk(host));
    if (!first || !second || !third) throw new Error('the lab has three hosts');
    [h1, h2, h3] = [first, second, third];
    await serveXrdp(h2.host);
    for (const { host } of [h1, h3]) await answers(host, PASSWORD);
    const keyrings = await Promise.all([h1, h3].map((desk) => startKeyring(desk.host)));
    for (const [i, desk] of [h1, h3, h2].entries()) {
      await desk.ok(['agent', 'start'], { env: keyrings[i] ?? {} });
    }
    for (const desk of [h1, h2, h3]) {
      await until(`${desk.host.name} has all`, async () => {
        const hosts = await desk.hosts();
        return hosts.filter((h) => ['local', 'agent'].includes(h.state)).length === 3;
      });
    }
  });
  afterAll(async () => {
    await lab?.down();
  });

  const alone = { env: { SSH_ASKPASS_REQUIRE: 'never' }, timeoutMs: 120_000 };
  const asked = async (desk: Desk) => (await desk.host.user(['cat', '.asked'])).stdout;
  /** For which accounts the keyring there has a password. */
  const kept = async (desk: Desk) =>
    (await desk.host.user(['cat', '.local/state/hotdesk/keyring.json'])).stdout;
  /** What the account on h2 has from now on. */
  const password = (text: string) => h2.host.root(['chpasswd'], { stdin: `user:${text}\n` });
  const run = (desk: Desk, ...args: string[]) => desk.run(args, { ...ASKING, timeoutMs: 120_000 });
  const ok = (desk: Desk, ...args: string[]) => desk.ok(args, { ...ASKING, timeoutMs: 120_000 });
  const listed = async (name: string) => (await h3.sessions()).find((session) => session.name === name);
  const shows = async (desk: Desk, title: string) =>
    (await desk.host.windows()).some(({ name }) => name.includes(title));
  const viewers = (desk: Desk) =>
    desk.host.processes().filter(({ argv }) => argv.some((word) => /(?:^|\/)xfreerdp$/u.test(word)));
  const isClean = async () =>
    await until('nothing is left', async () => {
      const { processes } = await h2.host.leftovers();
      return (
        viewers(h1).length === 0 && !processes.some((process) => /Xorg|xrdp-chansrv|xterm/u.test(process))
      );
    });

  it('a wrong password is one error, and nothing is left', async () => {
    await answers(h1.host, 'wrong');
    const ran = await run(h1, 'start', 'h2', '--backend', 'rdp', '--name', 'not', '--', 'xterm');
    expect(ran.stderr).toContain('did not take that password for user');
    expect(ran.code).toBe(5);
    await isClean();
    await answers(h1.host, PASSWORD);
  });

  it('where nobody can be asked, that is said', async () => {
    const ran = await h1.run(['start', 'h2', '--backend', 'rdp', '--', 'xterm'], {
      env: { SSH_ASKPASS_REQUIRE: 'never' },
    });
    expect(ran.code).toBe(5);
    expect(ran.stderr).toMatch(/password/u);
    await isClean();
  });

  it('started on h1, moved to h3; the password is seen nowhere', async () => {
    const watch = new SecretWatch(lab.hosts, PASSWORD);
    await ok(
      h1,
      'start',
      'h2',
      '--backend',
      'rdp',
      '--name',
      'office',
      '-o',
      'geometry=800x600',
      '--',
      'xterm',
    );
    await until('h1 shows it', () => shows(h1, 'office'), PATIENCE);
    expect((await h1.host.user(['cat', '.asked'])).stdout).toBe('Password of user@h2 for xrdp:\n');
    await until('h3 lists it', async () => (await listed('office'))?.shownAt.join() === 'h1', PATIENCE);

    // It has one session, and says so before another would get lost in it.
    const second = await run(h3, 'start', 'h2', '--backend', 'rdp', '--', 'xterm');
    expect(second.stderr).toMatch(/one session a user, and rdp:\d+ is there already/u);

    await ok(h3, 'move', 'office');
    await until('h3 shows it', () => shows(h3, 'office'), PATIENCE);
    await until('h1 does not any more', async () => !(await shows(h1, 'office')), PATIENCE);
    await until('it is shown at h3 alone', async () => (await listed('office'))?.shownAt.join() === 'h3');
    const shot = shotFile('rdp-h3.png');
    if (shot) await h3.host.screenshot(shot);

    await ok(h1, 'detach', 'office');
    await until('nobody shows it', async () => !(await shows(h3, 'office')));
    expect(await listed('office')).toMatchObject({ backend: 'rdp', shownAt: [] });
    const { found, processes } = watch.stop();
    expect(found).toEqual([]);
    expect(processes).toBeGreaterThan(100);
  });

  it('kept in the keyring where the user wants that; a wrong one is forgotten, and asked for again', async () => {
    const watch = new SecretWatch(lab.hosts, PASSWORD);
    await h1.ok(['config', 'set', 'keepPasswords', '["h2"]']);
    await answers(h1.host, PASSWORD);
    await ok(h1, 'attach', 'office');
    await until('h1 keeps it', async () => (await kept(h1)).includes('user@h2:0 rdp SHA256:'));
    await h1.ok(['detach', 'office']);
    await until('nobody shows it', async () => !(await shows(h1, 'office')));
    await h1.ok(['attach', 'office'], alone);
    expect(await shows(h1, 'office')).toBe(true);
    expect(await asked(h1)).toBe('Password of user@h2 for xrdp:\n');
    await h1.ok(['detach', 'office']);
    await until('nobody shows it', async () => !(await shows(h1, 'office')));

    await password('another');
    await answers(h1.host, 'another');
    await ok(h1, 'attach', 'office');
    expect(await asked(h1)).toBe(
      'The password in the keyring was not taken, and is forgotten. Password of user@h2 for xrdp:\n',
    );
    await until('h1 keeps the other', async () => (await kept(h1)).includes('user@h2:0'));
    await password(PASSWORD);
    await h1.ok(['config', 'unset', 'keepPasswords']);
    expect(await kept(h1)).toBe('');
    const { found } = watch.stop();
    expect(found).toEqual([]);
  });

  it('sent to h3: its password is asked for at h1, unless h3 keeps it; and stopped', async () => {
    const watch = new SecretWatch(lab.hosts, PASSWORD);
    const refused = await h1.run(['move', 'office', '--to', 'h3'], alone);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain('nobody can be asked for it');
    await answers(h1.host, 'wrong');
    await answers(h3.host, 'never');
    const wrong = await run(h1, 'move', 'office', '--to', 'h3');
    expect(wrong.code).toBe(5);
    expect(wrong.stderr).toContain('did not take that password for user');
    expect(await shows(h1, 'office')).toBe(true);
    expect(await shows(h3, 'office')).toBe(false);
    expect(viewers(h3)).toEqual([]);

    await answers(h1.host, PASSWORD);
    await h3.ok(['config', 'set', 'keepPasswords', '["h2"]']);
    await ok(h1, 'move', 'office', '--to', 'h3');
    expect(await asked(h1)).toBe('Password of user@h2 for xrdp, handed to h3:\n');
    expect(await asked(h3)).toBe('');
    expect(await shows(h3, 'office')).toBe(true);
    await until('h1 does not any more', async () => !(await shows(h1, 'office')), PATIENCE);
    await until('it is shown at h3 alone', async () => (await listed('office'))?.shownAt.join() === 'h3');
    const shot = shotFile('rdp-sent-h3.png');
    if (shot) await h3.host.screenshot(shot);

    // What was handed over is not kept, whatever the setting says there; what is kept there needs nobody.
    expect(await kept(h3)).toBe('');
    await h3.ok(['detach', 'office']);
    await until('nobody shows it', async () => !(await shows(h3, 'office')));
    await answers(h3.host, PASSWORD);
    await ok(h3, 'attach', 'office');
    expect(await asked(h3)).toBe('Password of user@h2 for xrdp:\n');
    await until('h3 keeps it', async () => (await kept(h3)).includes('user@h2:0'));
    await ok(h1, 'move', 'office');
    await until('h3 does not any more', async () => !(await shows(h3, 'office')), PATIENCE);
    await h1.ok(['move', 'office', '--to', 'h3'], alone);
    expect(await shows(h3, 'office')).toBe(true);
    const { found } = watch.stop();
    expect(found).toEqual([]);
    for (const desk of [h1, h3]) await desk.host.user(['rm', '.answer']);
    // xrdp's logs are in /run here; the rest of the machine's is the same for every host.
    for (const { host } of [h1, h2, h3]) {
      expect(await filesWith(host, PASSWORD, ['/home', '/tmp', '/run', '/dev/shm'])).toEqual([]);
    }
    for (const desk of [h1, h3]) await answers(desk.host, PASSWORD);
    await h1.ok(['stop', 'office', '--yes']);
    await until('it is gone', async () => (await listed('office')) === undefined);
    await isClean();
  });

  it('a login by hand is listed, opened and stopped', async () => {
    // As anybody would, with a tunnel.
    const tunnel = h3.host.spawn(['ssh', '-N', '-L', '13389:127.0.0.1:3389', h2.host.ip]);
    await until(
      'the tunnel',
      async () => (await h3.host.user(['nc', '-z', '127.0.0.1', '13389'])).code === 0,
    );
    await h3.host.user(['sh', '-c', 'cat >hand.rdp'], { stdin: `/u:user\n/p:${PASSWORD}\n` });
    const viewer = h3.host.spawn(
      ['xfreerdp', 'hand.rdp', '/v:127.0.0.1:13389', '/cert:ignore', '/sec:tls', '/size:700x500'],
      { env: h3.host.seatEnv, timeoutMs: 600_000 },
    );
    const row = await until(
      'it is listed',
      async () => (await h2.sessions()).find(({ backend }) => backend === 'rdp'),
      PATIENCE,
    );
    expect(row.name).toMatch(/^desktop :\d+$/u);
    await ok(h1, 'attach', row.ref);
    await until('h1 shows it', () => shows(h1, row.name), PATIENCE);
    await viewer.result;
    await h1.ok(['stop', row.ref, '--yes']);
    await isClean();
    tunnel.child.kill();
    await tunnel.result;
    await h3.host.user(['rm', 'hand.rdp']);
  });

  it('where xrdp does not run, the error says how to start it', async () => {
    for (const { outerPid, argv } of h2.host.processes(true)) {
      if (argv[0] === 'xrdp' || argv[0] === 'xrdp-sesman') process.kill(outerPid, 'SIGTERM');
    }
    const ran = await until('it is down', async () => {
      const { stderr } = await run(h1, 'start', 'h2', '--backend', 'rdp', '--', 'xterm');
      return stderr.includes('systemctl start xrdp') && stderr;
    });
    expect(ran.split('\n').filter(Boolean).length).toBeLessThan(4);
    await isClean();
  });
});
