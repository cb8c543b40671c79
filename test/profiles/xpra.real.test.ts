/** Faults of xpra and its host that the contract does not cover: killed servers, snatched displays, a bare PATH. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostEnvironment, localMachine } from '../../src/platform/local-machine.ts';
import type { Backend, StartStage } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { parseProfile } from '../../src/profiles/check.ts';
import { viewerCommand } from '../../src/profiles/view.ts';
import { launchViewer } from '../../src/viewer/launch.ts';
import {
  type ContractRig,
  commandLine,
  leftovers,
  localRig,
  nothingLeft,
  processesOf,
  testSeat,
} from '../contract/rig.ts';
import { until } from '../rigs/until.ts';

const profile = parseProfile(readFileSync('profiles/xpra.yaml', 'utf8'), 'profiles/xpra.yaml');
let rig: ContractRig;

beforeEach(async () => {
  rig = await localRig();
});
afterEach(async () => {
  await rig.dispose();
});

/** The backend with a folder before PATH, or with other variables. */
function backendWith(change: Readonly<Record<string, string>>): Backend {
  const base = { ...hostEnvironment(process.env), HOME: rig.home, XDG_RUNTIME_DIR: join(rig.home, 'run') };
  return bindBackend(profile, localMachine('here', { ...base, ...change }));
}

const start = (backend: Backend, command = ['xterm'], stages: StartStage[] = []) =>
  backend.start({ name: 'it', command, kind: 'app', options: {} }, (stage) => stages.push(stage));

/** The process of the rig whose command line begins like that. */
function processOf(words: string): number | undefined {
  return processesOf(rig.home).find((pid) => commandLine(pid).startsWith(words));
}

function kill(words: string, signal: NodeJS.Signals): void {
  const pid = processOf(words);
  if (pid === undefined) throw new Error(`no process: ${words}`);
  process.kill(pid, signal);
}

const SERVER = '/usr/bin/python3 /usr/bin/xpra start';

test('a killed server is listed as dead, its application with it, and stop clears all of it away', async () => {
  const backend = backendWith({});
  const { localId } = await start(backend);
  kill(SERVER, 'SIGKILL');
  const dead = await until('it is listed as dead', async () =>
    (await backend.list()).find((each) => each.localId === localId && each.state === 'dead'),
  );
  expect(dead.watchers).toEqual([]);
  await backend.stop(localId);
  expect(leftovers(rig)).toEqual([]);
  expect(existsSync(`/tmp/.X${localId}-lock`)).toBe(false);
});

test.runIf(process.getuid?.() === 0)(
  'what somebody else has put into /run/xpra is no session of ours',
  async () => {
    const backend = backendWith({});
    const { localId } = await start(backend);
    const theirs = `/run/xpra/${hostname()}-998`;
    const state = `/run/xpra/.hotdesk-${hostname()}-998`;
    const display = '/tmp/.X11-unix/X998';
    const letter = join(rig.home, 'letter');
    const made = mkdirSync('/run/xpra', { recursive: true });
    // The home of users who have none, with what their programs left.
    const nobodys = mkdirSync('/nonexistent', { recursive: true });
    const server = createServer();
    try {
      // They have listened there, and lead to a socket of ours now.
      await new Promise<void>((resolve) => server.listen(theirs, resolve));
      renameSync(theirs, `${theirs}.later`);
      symlinkSync(join(rig.home, 'run', 'xpra', `${hostname()}-${localId}`), theirs);
      mkdirSync(state);
      writeFileSync(join(state, 'server'), `${processOf(SERVER)}\n`);
      writeFileSync(letter, 'dear');
      symlinkSync(letter, join(state, 'ready'));
      symlinkSync(letter, join(state, 'stopped'));
      writeFileSync(display, '');
      await promisify(execFile)('chown', ['-hR', '65534', state, theirs, display]);

      expect((await backend.list()).map((each) => each.localId)).not.toContain('998');
      const gone = { code: 'session-gone' };
      const view = {
        mode: 'take',
        options: {},
        viewer: { viewerId: 'v', hostId: 'ab', host: 'here' },
      } as const;
      await expect(backend.endpoint('998', view)).rejects.toMatchObject(gone);
      await expect(backend.execInto('998', ['true'])).rejects.toMatchObject(gone);
      await expect(backend.thumbnail('998')).rejects.toMatchObject(gone);
      await expect(backend.detach('998')).rejects.toMatchObject(gone);
      await expect(backend.stop('998')).rejects.toMatchObject(gone);
      rmSync(theirs);
      await expect(backend.stop('998')).rejects.toMatchObject(gone);
      expect(readFileSync(letter, 'utf8')).toBe('dear');
      expect(processOf(SERVER)).toBeDefined();
    } finally {
      server.close();
      for (const path of [letter, theirs, `${theirs}.later`, state, display, ...(made ? [made] : [])])
        rmSync(path, { recursive: true, force: true });
    }
    try {
      await backend.stop(localId);
      expect(leftovers(rig)).toEqual([]);
      expect(existsSync('/nonexistent')).toBe(true);
    } finally {
      if (nobodys) rmSync(nobodys, { recursive: true, force: true });
    }
  },
);

test('a server that does not answer keeps the name that it was given', async () => {
  const backend = backendWith({});
  const { localId } = await start(backend);
  kill(SERVER, 'SIGSTOP');
  const listed = await backendWith({}).list();
  expect(listed.find((each) => each.localId === localId)).toMatchObject({ name: 'it', state: 'live' });
  kill(SERVER, 'SIGCONT');
  await backend.stop(localId);
  expect(leftovers(rig)).toEqual([]);
});

test('a server that crashes when its application is gone already leaves nothing', async () => {
  const backend = backendWith({});
  await start(backend);
  // Stopped, so that it cannot end in good order.
  kill(SERVER, 'SIGSTOP');
  kill('xterm', 'SIGKILL');
  await until('xterm is gone', () => processOf('xterm') === undefined);
  kill(SERVER, 'SIGKILL');
  await nothingLeft(rig);
});

test('a display that somebody snatches between claim and server is given up for another', async () => {
  const bin = join(rig.home, '.cache', 'bin');
  mkdirSync(bin);
  // Once, an X server of somebody else is there before ours.
  writeFileSync(
    join(bin, 'xpra'),
    `#!/bin/sh
    if [ "$1" = start ] && mkdir "$HOME/.cache/snatched" 2>/dev/null; then
      Xvfb "$2" -screen 0 100x100x8 >/dev/null 2>&1 & echo $! >"$HOME/.cache/snatcher"
      while [ ! -e "/tmp/.X11-unix/X\${2#:}" ]; do sleep 0.05; done
    fi
    exec /usr/bin/xpra "$@"\n`,
  );
  chmodSync(join(bin, 'xpra'), 0o755);
  const backend = backendWith({ PATH: `${bin}:${process.env.PATH}` });
  const stages: StartStage[] = [];
  const session = await start(backend, ['xterm'], stages);
  const placed = stages.filter((stage) => stage.stage === 'placed').map((stage) => stage.localId);
  expect(placed).toHaveLength(2);
  expect(placed[1]).toBe(session.localId);
  expect(placed[0]).not.toBe(session.localId);
  await backend.stop(session.localId);
  // The stranger's X server is none of our business.
  const stranger = Number(readFileSync(join(rig.home, '.cache', 'snatcher'), 'utf8'));
  expect(processesOf(rig.home)).toEqual([stranger]);
});

test('one that is being started is never listed as dead', async () => {
  const backend = backendWith({});
  const states: string[] = [];
  const started = start(backend).finally(() => states.push('started'));
  while (!states.includes('started')) states.push(...(await backend.list()).map(({ state }) => state));
  const { localId } = await started;
  expect(states).not.toContain('dead');
  await backend.stop(localId);
  await nothingLeft(rig);
});

test('a start that is taken back ends no X server but its own at that display', async () => {
  const cancel = new AbortController();
  let other: ChildProcess | undefined;
  const begun = bindBackend(profile, rig.machine).start(
    { name: 'it', command: ['xterm'], kind: 'app', options: {} },
    ({ localId }) => {
      // As that of a session with its folder elsewhere, which was faster.
      const [argv0, args] = [`Xvfb-for-Xpra-:${localId}`, ['-e', 'setTimeout(() => {}, 60_000)', '--']];
      other = spawn(process.execPath, [...args, `:${localId}`, '-auth', '/elsewhere/Xauthority'], { argv0 });
      other.once('spawn', () => cancel.abort());
    },
    cancel.signal,
  );
  await expect(begun).rejects.toMatchObject({ code: 'cancelled' });
  await nothingLeft(rig);
  expect(other).toMatchObject({ exitCode: null, signalCode: null });
  other?.kill();
});

test('without a runtime folder the socket is in ~/.xpra', async () => {
  const backend = backendWith({ XDG_RUNTIME_DIR: join(rig.home, 'none') });
  const stages: StartStage[] = [];
  const session = await start(backend, ['xterm'], stages);
  expect(stages[0]).toMatchObject({ endpoint: { path: expect.stringContaining(join(rig.home, '.xpra/')) } });
  expect((await backend.list()).map((each) => each.localId)).toContain(session.localId);
  await backend.stop(session.localId);
  expect(leftovers(rig)).toEqual([]);
});

test('an application without a window is said to run after a while', async () => {
  const backend = backendWith({});
  const session = await start(backend, ['sleep', '600']);
  expect((await backend.info(session.localId)).windows).toBe(0);
  await backend.stop(session.localId);
  await nothingLeft(rig);
});

test('a host without xpra says so: detect with the cure, start with an error', async () => {
  const bin = join(rig.home, '.cache', 'bin');
  mkdirSync(bin);
  for (const name of [
    'sh',
    'sed',
    'tr',
    'cut',
    'id',
    'uname',
    'cat',
    'rm',
    'xterm',
    'grep',
    'sleep',
    'awk',
  ]) {
    symlinkSync(`/usr/bin/${name}`, join(bin, name));
  }
  const backend = backendWith({ PATH: bin });
  expect(await backend.detect()).toEqual({
    present: false,
    missing: { message: expect.stringContaining('no xpra'), hint: expect.stringContaining('xpra') },
  });
  await expect(start(backend)).rejects.toMatchObject({ code: 'backend-missing' });
  expect(leftovers(rig)).toEqual([]);
});

test('a folder to start in that is not there is said', async () => {
  const backend = backendWith({});
  const request = {
    name: 'it',
    command: ['xterm'],
    kind: 'app',
    options: {},
    cwd: '/no/such/folder',
  } as const;
  await expect(backend.start(request, () => {})).rejects.toMatchObject({
    code: 'start-failed',
    message: expect.stringContaining('/no/such/folder'),
  });
});

test('depth, keyboard and compression are what was said', async () => {
  const backend = backendWith({});
  const request = { name: 'it', command: ['xterm'], kind: 'app', options: { depth: 16 } } as const;
  const { localId } = await backend.start(request, () => {});
  const xvfb = processesOf(rig.home)
    .map(commandLine)
    .find((line) => line.startsWith('Xvfb-for-Xpra'));
  expect(xvfb).toContain('x16 ');
  const seat = await testSeat();
  try {
    const picture = { encoding: 'jpeg', quality: 50, speed: 50, scaling: '1.5', dpi: 120 };
    const options = { ...picture, keyboard: 'de', compression: 5, files: true, clipboard: false };
    const view = { mode: 'take', options, viewer: { viewerId: 'v1', hostId: 'ab', host: 'here' } } as const;
    const endpoint = await backend.endpoint(localId, view);
    if (endpoint.kind !== 'unix') throw new Error('a socket was expected');
    const session = { localId, name: 'it' };
    const ask = { view, session, ref: `xpra:${localId}@here`, seat: 'x11', path: endpoint.path } as const;
    const command = await viewerCommand(profile, { ...ask, folder: rig.home, hotdesk: [] }, async () => true);
    const viewer = await launchViewer(command, seat.seat, { env: { ...process.env, HOME: rig.home } });
    await viewer.shown;
    await until(
      'the server has them',
      async () => {
        const info = await rig.machine.exec(['xpra', 'info', `socket://${endpoint.path}`]);
        const said = info.stdout.toString();
        return (
          /^keyboard\.layout=de$/mu.test(said) && /^client\.connection\.compression_level=5$/mu.test(said)
        );
      },
      30_000,
    );
    await viewer.terminate();
  } finally {
    await seat.dispose();
  }
  await backend.stop(localId);
  await nothingLeft(rig);
});
