/** X2Go's way of starting: the viewer is there before the session is, and nobody else learns the cookie. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Forward, forward } from '../../src/agent/forward.ts';
import type { Endpoint } from '../../src/model/machine.ts';
import { hostEnvironment, localMachine } from '../../src/platform/local-machine.ts';
import type { Backend, StartStage, ViewRequest } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { viewerCommand } from '../../src/profiles/view.ts';
import { launchViewer, type RunningViewer } from '../../src/viewer/launch.ts';
import { packaged } from '../contract/packaged.ts';
import {
  type ContractRig,
  localRig,
  nothingLeft,
  processesOf,
  type TestSeat,
  testSeat,
} from '../contract/rig.ts';
import { until } from '../rigs/until.ts';

const FOREIGN_LISTENER = fileURLToPath(new URL('../rigs/foreign-listener.py', import.meta.url));
const HELD_PORTS = fileURLToPath(new URL('../rigs/held-ports.py', import.meta.url));
const SLOW_WINDOW = fileURLToPath(new URL('../rigs/slow-window.py', import.meta.url));
const profile = packaged('x2go');
const view: ViewRequest = {
  mode: 'take',
  options: {},
  viewer: { viewerId: 'v1', hostId: 'ab', host: 'beta' },
};
let rig: ContractRig;
let screen: TestSeat;
let backend: Backend;

beforeAll(async () => {
  rig = await localRig();
  screen = await testSeat();
  backend = bindBackend(profile, rig.machine);
});
// What a test that failed has started is not taken for what the next one leaves.
afterEach(async () => {
  const ours = new Set(processesOf(rig.home));
  for (const { localId, pid } of await backend.list()) {
    if (pid !== undefined && ours.has(pid)) await backend.stop(localId);
  }
});
afterAll(async () => {
  await screen.dispose();
  await rig.dispose();
});

/** Opens a viewer as the agent does, at an endpoint that is known before anybody answers there. */
async function open(endpoint: Endpoint): Promise<{ viewer: RunningViewer; held: Forward }> {
  if (endpoint.kind !== 'tcp') throw new Error('a port was expected');
  const path = join(rig.home, '.cache', 'x2go.sock');
  const held = await forward(path, { open: () => rig.machine.open(endpoint), holdMs: 20_000 });
  const command = await viewerCommand(
    profile,
    {
      view,
      session: { localId: '1', name: 'early' },
      ref: 'x2go:1@here',
      seat: 'x11',
      path,
      secrets: endpoint.secrets,
      folder: join(rig.home, '.cache'),
      hotdesk: [],
    },
    async () => true,
  );
  return { viewer: await launchViewer(command, screen.seat), held };
}

/** What any user of this machine can read of its processes, and what their own environment says. */
function spoken(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map((pid) => textOf(`/proc/${pid}/cmdline`) + textOf(`/proc/${pid}/environ`))
    .join('\n');
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

/** Folders in which X2Go keeps what it knows of a session, of every user. */
function x2goFolders(): string[] {
  return readdirSync('/tmp')
    .filter((name) => name.startsWith('.x2go-'))
    .flatMap((name) => readdirSync(join('/tmp', name)).map((each) => join('/tmp', name, each)));
}

/** What X2Go keeps of a session. */
function notesOf(display: string): string[] {
  return x2goFolders()
    .filter((folder) => folder.includes(`-${display}-`))
    .flatMap((folder) => readdirSync(folder));
}

/** Ports that X2Go chooses in the minute from now on: it goes by the second in which it is asked. */
function chosen(): readonly string[] {
  const now = Math.floor(Date.now() / 1000);
  const seeds = Array.from({ length: 60 }, (_, later) => `RANDOM=${now + later}; echo $((30000 + RANDOM))`);
  return execFileSync('bash', ['-c', seeds.join('\n')], { encoding: 'utf8' }).match(/\d+/gu) ?? [];
}

/** Connections from these ports, or who listens there, until it is killed. */
async function hold(ports: readonly string[], by = HELD_PORTS): Promise<ChildProcess> {
  const child = spawn('python3', [by, ...ports], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

test('the viewer comes while it starts; the cookie is in no command and no environment', async () => {
  let opened: Promise<{ viewer: RunningViewer; held: Forward }> | undefined;
  let cookie = '';
  const onStage = (stage: StartStage) => {
    if (stage.stage !== 'placed' || stage.endpoint?.kind !== 'tcp') return;
    cookie = stage.endpoint.secrets?.cookie ?? '';
    opened = open(stage.endpoint);
  };
  const request = { name: 'early', command: ['xterm', '-T', 'early'], kind: 'app', options: {} } as const;
  const session = await backend.start({ ...request, viewerComes: true }, onStage);
  expect(cookie).toMatch(/^[0-9a-f]{32}$/u);
  const { viewer, held } = (await opened) ?? {};
  await viewer?.shown;
  await until('its window', async () => (await screen.windows()).includes('early'));
  expect((await backend.list()).find(({ localId }) => localId === session.localId)?.watchers).toHaveLength(1);
  expect(spoken()).toContain('nxproxy');
  expect(spoken()).not.toContain(cookie);
  const listed = await backend.info(session.localId);
  expect(JSON.stringify(listed)).not.toContain(cookie);
  // By that X2Go would end the connection that the session was started over, when another resumes it.
  expect(notesOf(session.localId)).toContain('state');
  expect(notesOf(session.localId)).not.toContain('sshd.pid');
  await backend.stop(session.localId);
  await viewer?.exited;
  held?.close();
  await nothingLeft(rig);
});

test('a window that nobody sees yet gets its size before the viewer of the host itself goes', async () => {
  const request = { name: 'slow', command: ['python3', SLOW_WINDOW], kind: 'app', options: {} } as const;
  const session = await backend.start(request, () => {});
  const env = { ...process.env, DISPLAY: `:${session.localId}`, XAUTHORITY: join(rig.home, '.Xauthority') };
  const seen = execFileSync('xwininfo', ['-name', 'slow'], { env, encoding: 'utf8' });
  expect(seen).toMatch(/Width: 300\n.*Height: 200\n.*Map State: IsViewable/su);
  await backend.stop(session.localId);
  await nothingLeft(rig, 20_000);
});

test('cancelled while the viewer of the host itself shows it for a moment, it leaves nothing', async () => {
  for (const ms of [200, 500]) {
    const controller = new AbortController();
    const request = { name: 'cut', command: ['xterm'], kind: 'app', options: {} } as const;
    const onStage = () => void setTimeout(() => controller.abort(), ms);
    await expect(backend.start(request, onStage, controller.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
    await nothingLeft(rig);
  }
});

test('a display with the lock of a dead server is passed over, and its start leaves nothing', async () => {
  const request = { name: 'lock', command: ['xterm'], kind: 'app', options: {} } as const;
  const first = await backend.start(request, () => {});
  // X2Go gives out the numbers in turn, and does not look at locks.
  const lockOf = (further: number) => `/tmp/.X${Number(first.localId) + further}-lock`;
  try {
    // The number in it is that of a live process.
    writeFileSync(lockOf(1), `${String(process.pid).padStart(10)}\n`);
    // Neither of these can be read.
    mkdirSync(lockOf(2));
    symlinkSync('nowhere', lockOf(3));
    const second = await backend.start(request, () => {});
    expect(Number(second.localId)).toBeGreaterThan(Number(first.localId) + 3);
    await backend.stop(second.localId);
  } finally {
    for (const further of [1, 2, 3]) rmSync(lockOf(further), { recursive: true, force: true });
    await backend.stop(first.localId);
  }
  await nothingLeft(rig, 20_000);
}, 120_000);

test('a port that an outgoing connection has is passed over, and its start leaves nothing', async () => {
  // It does not look at who is connected from there.
  const held = await hold(chosen());
  const before = new Set(x2goFolders());
  const said: string[] = [];
  const heard = bindBackend(profile, {
    ...rig.machine,
    async exec(argv, options) {
      const result = await rig.machine.exec(argv, options);
      if (result.code === 92) {
        said.push(result.stderr.toString());
        // The next one is free.
        held.kill();
      }
      return result;
    },
  });
  try {
    const request = { name: 'port', command: ['xclock'], kind: 'app', options: {} } as const;
    const session = await heard.start(request, () => {});
    expect(said).toContain('The port that X2Go chose is taken.\n');
    await backend.stop(session.localId);
  } finally {
    held.kill();
  }
  await nothingLeft(rig, 20_000);
  const left = x2goFolders().filter((folder) => folder.includes('xclock-hd') && !before.has(folder));
  expect(left).toEqual([]);
}, 120_000);

test.runIf(process.getuid?.() === 0)(
  'somebody else who listens at its port is not taken for its agent',
  async () => {
    const stranger = await hold(chosen(), FOREIGN_LISTENER);
    const bin = join(rig.home, '.cache', 'bin');
    mkdirSync(bin);
    // They came when X2Go had looked who listens, and its agent takes a while to see that.
    writeFileSync(join(bin, 'ss'), '#!/bin/sh\n', { mode: 0o755 });
    const slow = `#!/bin/sh\nPATH=\${PATH#*:}\necho slow >&2\nsleep 1\nexec x2goagent "$@"\n`;
    writeFileSync(join(bin, 'x2goagent'), slow, { mode: 0o755 });
    const late = bindBackend(profile, {
      ...rig.machine,
      async exec(argv, options) {
        const env = { ...options?.env, PATH: `${bin}:${process.env.PATH}` };
        const result = await rig.machine.exec(argv, { ...options, env });
        if (result.code === 92) stranger.kill();
        return result;
      },
    });
    const theirs: string[] = [];
    try {
      const request = { name: 'theirs', command: ['xclock'], kind: 'app', options: {} } as const;
      const session = await late.start(request, ({ stage, localId }) => {
        if (stage === 'placed' && !stranger.killed) theirs.push(localId);
      });
      expect(stranger.killed).toBe(true);
      await backend.stop(session.localId);
    } finally {
      stranger.kill();
      rmSync(bin, { recursive: true });
      expect(theirs).toEqual([]);
    }
    await nothingLeft(rig, 20_000);
  },
  180_000,
);

test('the keymap that a killed agent was reading is cleared away with its locks', async () => {
  const request = { name: 'killed', command: ['xclock'], kind: 'app', options: {} } as const;
  const { localId } = await backend.start(request, () => {});
  const { pid } = (await backend.list()).find((one) => one.localId === localId) ?? {};
  if (pid === undefined) throw new Error('its agent is not listed');
  // xkbcomp writes it there, and the server removes it when it has read it.
  const left = [`/tmp/server-${localId}.xkm`, `/tmp/.X${localId}-lock`];
  writeFileSync(left[0] ?? '', '');
  process.kill(pid, 'SIGKILL');
  await until('they are gone', () => !left.some((file) => existsSync(file)), 20_000);
  await nothingLeft(rig, 20_000);
}, 60_000);

test('a session whose clearing away was killed is dead, and can be stopped', async () => {
  const request = { name: 'killed', command: ['xclock'], kind: 'app', options: {} } as const;
  const { localId } = await backend.start(request, () => {});
  const found = (await backend.list()).find((one) => one.localId === localId);
  if (found?.pid === undefined) throw new Error('its agent is not listed');
  const all = join(rig.home, 'run', 'hotdesk-x2go');
  const [only = ''] = readdirSync(all);
  const folder = join(all, only);
  for (const file of ['supervisor', 'group'])
    process.kill(Number(readFileSync(join(folder, file))), 'SIGKILL');
  process.kill(found.pid, 'SIGKILL');
  // The first thing that it does.
  rmSync(join(folder, 'ready'));
  const state = async () => (await backend.list()).find((one) => one.localId === localId)?.state;
  await until('it is dead', async () => (await state()) === 'dead', 5000);
  await backend.stop(localId);
  await nothingLeft(rig, 20_000);
}, 60_000);

test('a session whose port an outgoing connection has got is resumed at another one', async () => {
  const request = { name: 'moved', command: ['xterm', '-T', 'moved'], kind: 'app', options: {} } as const;
  const session = await backend.start(request, () => {});
  const { port = '' } = (await backend.info(session.localId)).facts;
  const held = await hold([port]);
  try {
    const { viewer, held: way } = await open(await backend.endpoint(session.localId, view));
    await viewer.shown;
    await until('its window', async () => (await screen.windows()).includes('moved'));
    expect((await backend.info(session.localId)).facts.port).not.toBe(port);
    await backend.stop(session.localId);
    await viewer.exited;
    way.close();
  } finally {
    held.kill();
  }
  await nothingLeft(rig, 20_000);
}, 120_000);

test.each(process.getuid?.() === 0 ? ['owned by another', 'a link'] : ['a link'])(
  'a folder of X2Go’s in /tmp that is %s is not used, and its start leaves nothing',
  async (how) => {
    const user = `hd${process.pid}`;
    const folder = `/tmp/.x2go-${user}`;
    const mine = join(rig.home, '.cache', 'x2go');
    mkdirSync(mine, { recursive: true });
    if (how === 'a link') symlinkSync(mine, folder);
    else mkdirSync(folder, { mode: 0o700 });
    if (how === 'owned by another') chownSync(folder, 65_534, 65_534);
    if (how === 'open to others') chmodSync(folder, 0o777);
    const env = {
      ...hostEnvironment(process.env),
      HOME: rig.home,
      XDG_RUNTIME_DIR: join(rig.home, 'run'),
      USER: user,
    };
    const started = bindBackend(profile, localMachine('here', env)).start(
      { name: 'it', command: ['xterm'], kind: 'app', options: {} },
      () => {},
    );
    try {
      await expect(started).rejects.toMatchObject({
        code: 'start-failed',
        message: expect.stringContaining(`${folder}, where X2Go keeps its sessions, is not yours`),
      });
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
      rmSync(mine, { recursive: true });
    }
    await nothingLeft(rig);
  },
);

test('the folder of X2Go’s in /tmp is closed to others before anything is put there', async () => {
  const folder = `/tmp/.x2go-${userInfo().username}`;
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o777);
  const { localId } = await backend.start(
    { name: 'it', command: ['xterm'], kind: 'app', options: {} },
    () => {},
  );
  expect(statSync(folder).mode & 0o022).toBe(0);
  await backend.stop(localId);
});

test('an agent that does not start says why, and its start leaves nothing', async () => {
  const odd = bindBackend(profile, {
    ...rig.machine,
    exec: (argv, options) =>
      rig.machine.exec(argv, { ...options, env: { ...options?.env, X2GO_NXAGENT_OPTIONS: '-nonsense' } }),
  });
  const request = { name: 'odd', command: ['xeyes'], kind: 'app', options: {} } as const;
  await expect(odd.start(request, () => {})).rejects.toMatchObject({
    code: 'start-failed',
    message: expect.stringContaining('Unrecognized option: -nonsense'),
  });
  await nothingLeft(rig);
  expect(x2goFolders().filter((folder) => folder.includes('xeyes-hd'))).toEqual([]);
});

test('an agent that was killed is dead, and stop clears it away', async () => {
  const session = await backend.start(
    { name: 'lost', command: ['xterm'], kind: 'app', options: {} },
    () => {},
  );
  execFileSync('kill', ['-KILL', String(session.pid ?? (await backend.info(session.localId)).pid)]);
  const state = async () => (await backend.list()).find(({ localId }) => localId === session.localId)?.state;
  await until('it is dead or gone', async () => (await state()) !== 'live');
  if ((await state()) === 'dead') {
    await expect(backend.endpoint(session.localId, view)).rejects.toMatchObject({ code: 'session-gone' });
    // It may have been cleared away meanwhile.
    await backend
      .stop(session.localId)
      .catch((error) => expect(error).toMatchObject({ code: 'session-gone' }));
  }
  await nothingLeft(rig, 20_000);
});
