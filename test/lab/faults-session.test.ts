/** Sessions, viewers, names, profiles and settings that are not as they should be. */
import { randomBytes } from 'node:crypto';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFailed,
  onTestFinished,
} from 'vitest';
import { type FaultDesk, Faults, failureOf } from '../rigs/lab/faults.ts';
import { until } from '../rigs/until.ts';
import { replace } from './backend-faults.ts';

const XTERM = /xterm|user@h2/u;
const ESC = String.fromCharCode(27);

describe('sessions that go wrong', () => {
  let faults: Faults;
  let h1: FaultDesk;
  let h2: FaultDesk;
  let pids: readonly number[];

  beforeAll(async () => {
    faults = await Faults.up({ hosts: 2, avahi: [] });
    h1 = faults.desk(1);
    h2 = faults.desk(2);
  });
  afterAll(async () => {
    await faults?.down();
  });
  beforeEach(async () => {
    onTestFailed(async () => {
      for (const desk of faults.desks) console.error(`${desk.host.name}: ${await desk.log()}`);
    });
    pids = await Promise.all(faults.desks.map((desk) => desk.agent()));
    await faults.quiet();
  });
  afterEach(async () => {
    expect(await Promise.all(faults.desks.map((desk) => desk.agent()))).toEqual(pids);
    await faults.stopAll();
    await faults.clean();
  });

  it('says what an application that ends at once said', async () => {
    const xpra = await h1.fails(['start', 'h2', '--', 'sh', '-c', 'echo no toner >&2; exit 3']);
    expect(xpra).toMatchObject({ code: 'application-exited', exit: 6 });
    expect(xpra.message).toContain('no toner');
    const tmux = await h1.fails(['start', 'h2', '-b', 'tmux', '--', 'sh', '-c', 'echo no toner >&2; exit 3']);
    expect(tmux).toMatchObject({ code: 'application-exited', exit: 6 });
    expect(tmux.message).toContain('no toner');
  });

  it('says how it ended where tmux was not told of it', async () => {
    // libutempter has SIGCHLD at its default while its helper runs: tmux misses the end of what ends then.
    const { stdout } = await h2.host.user(['find', '/usr/lib', '-path', '*/utempter/utempter']);
    const back = await replace(h2.host, stdout.trim(), '[ "$1" = del ] && sleep 0.3; exec $REAL "$@"');
    onTestFinished(back);
    const tmux = await h1.fails(['start', 'h2', '-b', 'tmux', '--', 'sh', '-c', 'exit 3']);
    expect(tmux).toMatchObject({ code: 'application-exited', message: 'sh ended at once: It ended with 3.' });
  });

  it('says that an application is missing', async () => {
    for (const backend of ['xpra', 'tmux']) {
      const failure = await h1.fails(['start', 'h2', '-b', backend, '--', 'no-such-program']);
      expect(failure).toMatchObject({ code: 'application-missing', exit: 6 });
      expect(failure.message).toContain('no-such-program');
      expect(failure.hint).toBeTruthy();
    }
  });

  it('takes the next display when one is taken', async () => {
    const taken = [100, 101].map((n) =>
      h2.host.spawn(['Xvfb', `:${n}`, '-screen', '0', '64x64x24', '-nolisten', 'tcp'], {
        timeoutMs: 100_000,
      }),
    );
    await until('both are there', async () =>
      [100, 101].every((n) =>
        h2.host.processes().some(({ argv }) => argv[0] === 'Xvfb' && argv[1] === `:${n}`),
      ),
    );
    await until('with their sockets', async () => {
      const { sockets } = await h2.host.leftovers();
      return [100, 101].every((n) => sockets.includes(`/tmp/.X11-unix/X${n}`));
    });
    await h1.ok(['start', 'h2', '--no-attach', '--', 'xterm']);
    expect((await h1.session('xterm'))?.id).toBe('102');
    await h1.ok(['stop', 'xterm', '--yes']);
    for (const each of taken) each.kill();
    await Promise.all(taken.map(({ result }) => result));
  });

  it('starts several at once, each its own', async () => {
    const starts = [1, 2, 3].map((n) =>
      h1.ok(['start', 'h2', '--no-attach', '-n', `at-once-${n}`, '--', 'xterm']),
    );
    await Promise.all(starts);
    const rows = (await h1.listed()).filter(({ name }) => name.startsWith('at-once'));
    expect(new Set(rows.map(({ id }) => id)).size).toBe(3);
    expect(h2.xterms().length).toBe(3);
  });

  it('says that a session is gone which died before it was shown', async () => {
    await h1.ok(['start', 'h2', '--no-attach', '--', 'xterm']);
    const { ref } = (await h1.session('xterm')) ?? { ref: '' };
    const server = h2.host.processes().find(({ argv }) => argv.includes('--session-name=xterm'));
    for (const { argv, outerPid } of h2.host.processes()) {
      if (argv.includes('--session-name=xterm') && argv[0]?.includes('python'))
        process.kill(outerPid, 'SIGSTOP');
    }
    expect(server).toBeDefined();
    // The server does not answer: the viewer connects and waits. Then it dies.
    const attach = h1.host.spawn(['hotdesk', 'attach', ref, '--json'], { env: h1.host.seatEnv });
    await until('a viewer waits', () => h1.viewers().length === 1);
    for (const { argv, outerPid } of h2.host.processes()) {
      if (argv.includes('--session-name=xterm') && argv[0]?.includes('python'))
        process.kill(outerPid, 'SIGKILL');
    }
    const { code, stdout } = await attach.result;
    const failure = failureOf(code, stdout);
    expect(['viewer-failed', 'session-gone']).toContain(failure.code);
    await until('no viewer is left', () => h1.viewers().length === 0);
  });

  it('goes on when its viewer crashes', async () => {
    await h1.ok(['start', 'h2', '--', 'xterm']);
    await until('h1 shows it', () => h1.shows(XTERM));
    const xterm = h2.xterms();
    for (const { outerPid } of h1.viewers()) process.kill(outerPid, 'SIGKILL');
    for (const desk of faults.desks) {
      await until('listed as shown nowhere', async () => (await desk.session('xterm'))?.shownAt.length === 0);
    }
    const { files } = await h1.host.leftovers();
    expect(files.filter((file) => /\/v\//u.test(file))).toEqual([]);
    await h1.ok(['attach', 'xterm']);
    await until('h1 shows it again', () => h1.shows(XTERM));
    expect(h2.xterms()).toEqual(xterm);
  });

  it('leaves nothing when a start is stopped by Ctrl-C', async () => {
    for (const stage of ['placed', 'running'] as const) {
      const start = h1.host.spawn(['hotdesk', 'start', 'h2', '--json', '--', 'xterm'], {
        env: h1.host.seatEnv,
      });
      await until(`it is ${stage}`, () =>
        stage === 'placed'
          ? h2.host.processes().some(({ argv }) => argv[0]?.startsWith('Xvfb-for-Xpra'))
          : h2.xterms().length > 0,
      );
      start.kill('SIGINT');
      const { code, stdout } = await start.result;
      expect(failureOf(code, stdout)).toMatchObject({ code: 'cancelled', exit: 130 });
      await faults.clean();
      await until('nothing is listed', async () => (await h1.listed()).length === 0);
    }
  });

  it('leaves the session where it was when an attach is stopped by Ctrl-C', async () => {
    await h1.ok(['start', 'h2', '--no-attach', '--', 'xterm']);
    const xterm = h2.xterms();
    const attach = h1.host.spawn(['hotdesk', 'attach', 'xterm', '--json'], { env: h1.host.seatEnv });
    await until('a viewer starts', () => h1.viewers().length === 1);
    attach.kill('SIGINT');
    const { code, stdout } = await attach.result;
    expect(failureOf(code, stdout)).toMatchObject({ code: 'cancelled', exit: 130 });
    await until('no viewer is left', () => h1.viewers().length === 0);
    expect(h2.xterms()).toEqual(xterm);
    expect((await h1.host.leftovers()).files.filter((file) => /\/v\//u.test(file))).toEqual([]);
  });

  it('takes names that are no names', async () => {
    const names = [
      `it's "quoted"`,
      'two\nlines',
      '$(touch /tmp/owned)',
      '`touch /tmp/owned`',
      '#(touch /tmp/owned)',
      'émoji 🖥️',
      '-leading',
      `red ${ESC}[31m`,
      'a:b.c;',
    ];
    for (const name of names) {
      await h1.ok(['start', 'h2', '--no-attach', '-b', 'tmux', `--name=${name}`, '--', 'sleep', '900']);
    }
    await h1.ok([
      'start',
      'h2',
      '--no-attach',
      `--name=${names.join(' ')}`,
      '--',
      'xterm',
      '-e',
      'sleep',
      '900',
    ]);
    const rows = await h1.listed();
    expect(rows.length).toBe(names.length + 1);
    const text = (await h1.ok(['list'])).stdout;
    expect(text).not.toContain(ESC);
    expect(text.trim().split('\n').length).toBe(rows.length + 1);
    for (const desk of faults.desks) {
      expect((await desk.host.user(['test', '-e', '/tmp/owned'])).code).toBe(1);
    }
    // Each is meant by what the list calls it.
    for (const { name, ref } of rows) {
      const found = JSON.parse((await h1.ok(['info', '--json', '--', `${name}@h2`])).stdout) as {
        session: { ref: string };
      };
      expect(found.session.ref).toBe(ref);
    }
    for (const { ref } of rows) await h1.ok(['stop', ref, '--yes']);
    expect(await h1.listed()).toEqual([]);
  });

  it('shows none of what a title of 10 kB is up to', async () => {
    const title = `${ESC}[2J${ESC}]52;c;aGk=\u0007\u202egnp.exe${randomBytes(5000).toString('hex')}`;
    const clean = title.replaceAll(ESC, '').replaceAll('\u0007', '');
    await h1.ok([
      'start',
      'h2',
      '--no-attach',
      '--',
      'xterm',
      '-T',
      clean,
      '-n',
      clean,
      '-e',
      'sleep',
      '900',
    ]);
    const escaped = Buffer.from(`${ESC}]2;${title}${ESC}\\`).toString('base64');
    await h1.ok([
      ...['start', 'h2', '--no-attach', '-b', 'tmux', '-n', 'titled', '--'],
      ...['sh', '-c', `echo ${escaped} | base64 -d; exec sleep 900`],
    ]);
    for (const args of [['list'], ['list', '--json'], ['info', 'xterm'], ['info', 'titled'], ['hosts']]) {
      const { stdout, stderr } = await h1.ok(args);
      expect(stdout + stderr).not.toMatch(/[^\P{C}\n]/u);
      expect(stdout.length).toBeLessThan(6000);
    }
  });

  it('lists a broken profile with its fault, and the others work', async () => {
    const broken = `mkdir -p .config/hotdesk/profiles
      sed 's/^name:.*/name: broken/; s/^kinds:.*/kinds: [spaceship]/' "$0" >.config/hotdesk/profiles/broken.yaml`;
    await h1.host.user(['sh', '-c', broken, '/run/lab/hotdesk/profiles/tmux.yaml']);
    const { stdout } = await h1.ok(['profiles', 'list']);
    expect(stdout).toMatch(/broken/u);
    expect(stdout).toMatch(/xpra/u);
    expect(await h1.log()).toContain('broken.yaml');
    const check = await h1.run(['profiles', 'check', '.config/hotdesk/profiles/broken.yaml']);
    expect(check.code).toBe(2);
    expect(check.stdout + check.stderr).toMatch(/kinds/u);
    await h1.ok(['start', 'h2', '--no-attach', '--', 'xterm']);
    await h1.host.user(['rm', '.config/hotdesk/profiles/broken.yaml']);
  });
});

describe('the agent of a user', () => {
  let faults: Faults;
  let h1: FaultDesk;
  let h2: FaultDesk;

  beforeAll(async () => {
    faults = await Faults.up({ hosts: 2, avahi: [] });
    h1 = faults.desk(1);
    h2 = faults.desk(2);
  });
  afterAll(async () => {
    await faults?.down();
  });
  const agents = (desk: FaultDesk) =>
    desk.host.processes().filter(({ argv }) => argv.join(' ').endsWith('agent run'));
  const inRuntime = async (desk: FaultDesk) =>
    (await desk.host.user(['sh', '-c', 'cd "/run/user/$(id -u)/hotdesk" && find . -type s -o -type f']))
      .stdout;

  it('is one: a second start finds the first', async () => {
    const pid = await h1.agent();
    await h1.ok(['agent', 'start']);
    const second = await h1.run(['agent', 'run']);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('running already');
    expect(await h1.agent()).toBe(pid);
    expect(agents(h1).length).toBe(1);
  });

  it('is one when ten commands start it at once', async () => {
    await h1.ok(['agent', 'stop']);
    await until('it is gone', () => agents(h1).length === 0);
    const ran = await Promise.all(Array.from({ length: 10 }, () => h1.run(['list', '--json'])));
    expect(ran.map(({ code, stderr }) => `${code}${stderr}`)).toEqual(ran.map(() => '0'));
    await until('one is left', () => agents(h1).length === 1);
  });

  it('takes over the socket of one that was killed', async () => {
    await h1.killAgent();
    expect(await inRuntime(h1)).toContain('agent.sock');
    await h1.ok(['list']);
    expect(await h1.agent()).toBeGreaterThan(0);
  });

  it('leaves nothing when it is told to end', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const [agent] = agents(h1);
      if (agent) process.kill(agent.outerPid, signal);
      await until('it is gone', () => agents(h1).length === 0);
      expect(await inRuntime(h1)).toBe('');
      await h1.ok(['agent', 'start']);
    }
  });

  it('finds its sessions and their viewers again after a restart', async () => {
    await faults.connected();
    await h1.ok(['start', 'h2', '--', 'xterm']);
    await until('h1 shows it', () => h1.shows(XTERM));
    const xterm = h2.xterms();
    await h2.restart();
    expect((await h2.session('xterm'))?.name).toBe('xterm');
    for (const desk of faults.desks) {
      await until('shown at h1', async () => (await desk.session('xterm'))?.shownAt.join() === 'h1');
    }
    await h1.restart();
    await until('shown nowhere', async () => (await h1.session('xterm'))?.shownAt.length === 0);
    expect(h1.viewers()).toEqual([]);
    expect(h2.xterms()).toEqual(xterm);
    await h1.ok(['attach', 'xterm']);
    await until('h1 shows it again', () => h1.shows(XTERM));
    await h1.ok(['stop', 'xterm', '--yes']);
    await faults.clean();
  });

  it('sets a broken settings file aside, and says so', async () => {
    await h1.ok(['agent', 'stop']);
    await h1.host.user([
      'sh',
      '-c',
      'cp .config/hotdesk/config.json kept.json; echo "{oops" >.config/hotdesk/config.json',
    ]);
    const { stdout } = await h1
      .ok(['agent', 'status', '--json'])
      .catch(() => h1.ok(['agent', 'start', '--json']));
    await h1.ok(['list']);
    const status = (await h1.ok(['agent', 'status', '--json'])).stdout;
    expect(stdout + status).toContain('bad-settings');
    const files = (await h1.host.user(['ls', '.config/hotdesk'])).stdout;
    expect(files).toMatch(/config.*(?:broken|bad|aside|invalid)/u);
    const kept = await h1.host.user([
      'sh',
      '-c',
      'cat .config/hotdesk/config*[!n]* 2>/dev/null; grep -l oops .config/hotdesk/*',
    ]);
    expect(kept.stdout).toContain('oops');
  });
});
