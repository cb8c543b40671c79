/** What keeps the rdp profile from starting or opening a session: one error with the cure, and nothing is left. */
import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { packaged } from '../contract/packaged.ts';
import { age, breakingAtOnce, kill, nothingLeft } from '../contract/rig.ts';
import { until } from '../rigs/until.ts';
import { XRDP_PASSWORD } from '../rigs/xrdp/password.ts';
import { type XrdpRig, xrdpRig } from '../rigs/xrdp/xrdp.ts';

describe('a start by xrdp that is refused', { timeout: 120_000 }, () => {
  let rig: XrdpRig;
  let backend: Backend;
  beforeAll(async () => {
    rig = await xrdpRig();
    backend = bindBackend(packaged('rdp'), rig.machine);
  });
  afterEach(async () => {
    for (const session of await backend.list()) await backend.stop(session.localId);
    // A desktop's ssh-agent looks every ten seconds whether that is still there.
    await nothingLeft(rig, 30_000);
  });
  afterAll(() => rig.dispose());

  const start = (password = XRDP_PASSWORD, kind: 'app' | 'desktop' = 'app') => {
    const command = kind === 'app' ? ['xterm', '-T', 'here'] : [];
    return backend.start({ name: 'here', command, kind, options: {}, password }, () => {});
  };
  const open = async (localId: string, password: string) => {
    const viewer = { viewerId: 'v', hostId: 'ab', host: 'beta' };
    const view = { mode: 'take', options: {}, viewer, password } as const;
    const at = await backend.endpoint(localId, view);
    await backend.admit?.(localId, view);
    return at;
  };
  /** With a line of a file of xrdp's changed, as long as `work` takes. */
  const having = async (file: string, change: string, work: () => Promise<void>) => {
    await rig.root(['sh', '-c', `cp -a ${file} /run/was; sed -i '${change}' ${file}`]);
    try {
      await work();
    } finally {
      await rig.root(['cp', '-a', '/run/was', file]);
    }
  };

  it('a wrong password starts nothing, and opens nothing', async () => {
    const refused = { code: 'auth-failed', message: expect.stringContaining('did not take that password') };
    await expect(start('wrong')).rejects.toMatchObject(refused);
    const { localId } = await start();
    await expect(open(localId, 'wrong')).rejects.toMatchObject(refused);
    expect((await open(localId, XRDP_PASSWORD)).kind).toBe('tcp');
  });

  it('of two at once one is started, and the other says why not', async () => {
    const both = await Promise.allSettled([start(), start()]);
    const failed = both.filter((each) => each.status === 'rejected');
    expect(failed).toHaveLength(1);
    expect(failed[0]?.reason).toMatchObject({
      code: 'session-busy',
      message: expect.stringContaining('one session a user'),
    });
    expect(await backend.list()).toHaveLength(1);
    await expect(start()).rejects.toMatchObject({
      code: 'session-busy',
      message: expect.stringMatching(/rdp:\d+ is there already/u),
    });
  });

  it('one whose connection breaks is listed when nobody waits for it any more, and can be stopped', async () => {
    const cut = bindBackend(packaged('rdp'), breakingAtOnce(rig.machine));
    const request = { name: 'cut', command: ['xterm'], kind: 'app', options: {} } as const;
    const started = cut.start({ ...request, password: XRDP_PASSWORD }, () => {});
    await expect(started).rejects.toMatchObject({ code: 'connection-lost' });
    await until('its X server', () => rig.pids('Xorg').length === 1);
    expect(await backend.list()).toEqual([]);
    await age(rig);
    const [session] = await backend.list();
    expect(session).toMatchObject({ name: 'cut', state: 'live' });
    await backend.stop(session?.localId ?? '');
    expect(await backend.list()).toEqual([]);
  });

  it('a display with the lock of a dead server is passed over', async () => {
    const { localId } = await start();
    await backend.stop(localId);
    const lock = `/tmp/.X${localId}-lock`;
    await rig.root(['sh', '-c', 'printf "%10d\\n" 999999 >"$0"', lock]);
    try {
      expect((await start()).localId).not.toBe(localId);
    } finally {
      await rig.root(['rm', '-f', lock]);
    }
  });

  it('a whole desktop is started, and is one', async () => {
    const { localId } = await start(XRDP_PASSWORD, 'desktop');
    expect(await backend.list()).toMatchObject([{ localId, kind: 'desktop', name: 'here' }]);
    await backend.stop(localId);
    await rig.machine.exec(['rm', '-f', '.xsession-errors']);
  });

  it('an X server that is killed takes its session with it, and another can be started', async () => {
    const { localId } = await start();
    const [before] = await backend.list();
    kill(before?.pid ?? 0);
    await until('it is gone', async () => (await backend.list()).length === 0);
    const left = [`/tmp/.X${localId}-lock`, `/tmp/.X11-unix/X${localId}`];
    await until('its lock and socket are gone', () => !left.some((file) => existsSync(file)));
    await expect(open(localId, XRDP_PASSWORD)).rejects.toMatchObject({ code: 'session-gone' });
    await start();
    expect(await backend.list()).toHaveLength(1);
  });

  it('a desktop that ends at once is told, and what xrdp leaves of it does not stay', async () => {
    // xrdp's own channel server outlives such a session now and then; this one always does.
    const startwm = 'cp /bin/sleep xrdp-chansrv\nsetsid ./xrdp-chansrv 600 >/dev/null 2>&1 &\nexit 3';
    const write = ['sh', '-c', 'printf "#!/bin/sh\\n%s\\n" "$0" >startwm.sh; chmod +x startwm.sh', startwm];
    await rig.machine.exec(write);
    const failure = { code: 'start-failed', message: expect.stringContaining('desktop ended at once') };
    await expect(start(XRDP_PASSWORD, 'desktop')).rejects.toMatchObject(failure);
    expect(await rig.machine.exec(['test', '-e', 'xrdp-chansrv'])).toMatchObject({ code: 0 });
    await rig.machine.exec(['rm', 'startwm.sh', 'xrdp-chansrv']);
  });

  it('settings of xrdp under which there is no way back, or no application', async () => {
    await having('/etc/xrdp/sesman.ini', 's/^Policy=.*/Policy=Separate/', async () => {
      await expect(start()).rejects.toMatchObject({
        code: 'not-supported',
        message: expect.stringMatching(/Policy/u),
      });
    });
    await having('/etc/xrdp/sesman.ini', 's/^\\[Security\\]/&\\nAllowAlternateShell=false/', async () => {
      await expect(start()).rejects.toMatchObject({
        code: 'not-supported',
        message: expect.stringMatching(/AllowAlternateShell/u),
      });
    });
    await having('/etc/xrdp/xrdp.ini', 's|^certificate=.*|certificate=/etc/shadow|', async () => {
      await expect(start()).rejects.toMatchObject({
        code: 'not-supported',
        message: expect.stringMatching(/certificate/u),
      });
    });
  });

  it('the viewer gets the fingerprint of xrdp’s certificate', async () => {
    const { localId } = await start();
    const at = await open(localId, XRDP_PASSWORD);
    const said = await rig.root([
      'openssl',
      'x509',
      '-in',
      '/etc/xrdp/cert.pem',
      '-noout',
      '-fingerprint',
      '-sha256',
    ]);
    const secrets = at.kind === 'tcp' ? at.secrets : undefined;
    expect(secrets).toEqual({
      user: 'rdpuser',
      print: said.trim().split('=')[1]?.toLowerCase(),
      password: XRDP_PASSWORD,
    });
  });

  it('a session manager that is another user’s gets no password, and one that is not there is told', async () => {
    for (const pid of rig.pids('xrdp-sesman')) kill(pid);
    await until('it is down', async () => (await listening(0x0d16)) === false);
    await expect(start()).rejects.toMatchObject({
      code: 'start-failed',
      message: expect.stringMatching(/systemctl start xrdp/u),
    });
    const thief = rig.machine.exec([
      'timeout',
      '20',
      'socat',
      '-u',
      'TCP-LISTEN:3350,reuseaddr',
      'CREATE:got',
    ]);
    await until('somebody listens', () => listening(0x0d16));
    await expect(start()).rejects.toMatchObject({
      code: 'start-failed',
      message: expect.stringMatching(/another user's/u),
    });
    for (const pid of rig.pids('socat')) kill(pid);
    await thief;
    expect((await rig.machine.exec(['cat', 'got'])).stdout.toString()).toBe('');
    await rig.machine.exec(['rm', '-f', 'got']);
  });

  const listening = async (port: number) => {
    const table = await rig.root(['sh', '-c', 'cat /proc/net/tcp /proc/net/tcp6']);
    return new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} \\S+ 0A `, 'u').test(table);
  };
});
