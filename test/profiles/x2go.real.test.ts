/** X2Go's way of starting: the viewer is there before the session is, and nobody else learns the cookie. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Forward, forward } from '../../src/agent/forward.ts';
import type { Endpoint } from '../../src/model/machine.ts';
import type { Backend, StartStage, ViewRequest } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { viewerCommand } from '../../src/profiles/view.ts';
import { launchViewer, type RunningViewer } from '../../src/viewer/launch.ts';
import { packaged } from '../contract/packaged.ts';
import { type ContractRig, leftovers, localRig, type TestSeat, testSeat } from '../contract/rig.ts';
import { until } from '../rigs/until.ts';

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

/** What X2Go keeps of a session. */
function notesOf(display: string): string[] {
  const folders = readdirSync('/tmp')
    .filter((name) => name.startsWith('.x2go-'))
    .flatMap((name) => readdirSync(join('/tmp', name)).map((each) => join('/tmp', name, each)));
  return folders.filter((folder) => folder.includes(`-${display}-`)).flatMap((folder) => readdirSync(folder));
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
  await until('nothing is left', () => leftovers(rig).length === 0);
});

test('a window that nobody sees yet gets its size before the viewer of the host itself goes', async () => {
  const request = { name: 'slow', command: ['python3', SLOW_WINDOW], kind: 'app', options: {} } as const;
  const session = await backend.start(request, () => {});
  const env = { ...process.env, DISPLAY: `:${session.localId}`, XAUTHORITY: join(rig.home, '.Xauthority') };
  const seen = execFileSync('xwininfo', ['-name', 'slow'], { env, encoding: 'utf8' });
  expect(seen).toMatch(/Width: 300\n.*Height: 200\n.*Map State: IsViewable/su);
  await backend.stop(session.localId);
  await until('nothing is left', () => leftovers(rig).length === 0, 20_000);
});

test('cancelled while the viewer of the host itself shows it for a moment, it leaves nothing', async () => {
  for (const ms of [200, 500]) {
    const controller = new AbortController();
    const request = { name: 'cut', command: ['xterm'], kind: 'app', options: {} } as const;
    const onStage = () => void setTimeout(() => controller.abort(), ms);
    await expect(backend.start(request, onStage, controller.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
    await until('nothing is left', () => leftovers(rig).length === 0);
  }
});

test('a display with the lock of a dead server is passed over, and its start leaves nothing', async () => {
  const request = { name: 'lock', command: ['xterm'], kind: 'app', options: {} } as const;
  const first = await backend.start(request, () => {});
  // X2Go gives out the numbers in turn, and does not look at locks. The number in it is that of a live process.
  const lock = `/tmp/.X${Number(first.localId) + 1}-lock`;
  writeFileSync(lock, `${String(process.pid).padStart(10)}\n`);
  try {
    const second = await backend.start(request, () => {});
    expect(Number(second.localId)).toBeGreaterThan(Number(first.localId) + 1);
    await backend.stop(second.localId);
  } finally {
    rmSync(lock, { force: true });
  }
  await backend.stop(first.localId);
  await until('nothing is left', () => leftovers(rig).length === 0, 20_000);
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
  await until('nothing is left', () => leftovers(rig).length === 0, 20_000);
});
