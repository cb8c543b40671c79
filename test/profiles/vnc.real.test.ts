/** What can go wrong with VNC sessions, on this machine's own Xtigervnc. */
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../src/model/session.ts';
import type { Backend, ViewRequest } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { viewerCommand } from '../../src/profiles/view.ts';
import { launchViewer, type RunningViewer } from '../../src/viewer/launch.ts';
import { isInstalled } from '../../src/viewer/locate.ts';
import { packaged } from '../contract/packaged.ts';
import {
  type ContractRig,
  kill,
  localRig,
  noteDisplays,
  nothingLeft,
  processesOf,
  type TestSeat,
  testSeat,
} from '../contract/rig.ts';
import { until } from '../rigs/until.ts';

const profile = packaged('vnc');
let rig: ContractRig;
let seat: TestSeat;
let backend: Backend;
const viewers: RunningViewer[] = [];

beforeAll(async () => {
  rig = await localRig();
  seat = await testSeat();
  backend = bindBackend(profile, rig.machine);
});
afterEach(async () => {
  for (const viewer of viewers.splice(0)) await viewer.terminate();
  for (const { localId } of await mine()) await backend.stop(localId);
  rmSync(join(rig.home, '.vnc'), { recursive: true, force: true });
  await nothingLeft(rig);
});
afterAll(async () => {
  await seat.dispose();
  await rig.dispose();
});

const mine = async (): Promise<Session[]> => {
  const ours = new Set(processesOf(rig.home));
  return (await backend.list()).filter(({ pid }) => pid === undefined || ours.has(pid));
};
const start = async (name: string, options: Record<string, string> = {}) => {
  const request = { name, command: ['xterm', '-e', 'sleep', '600'], kind: 'app', options } as const;
  const session = await backend.start(request, () => {});
  noteDisplays(rig);
  return session;
};
const view = (options: ViewRequest['options'] = {}, viewerId = 'v1'): ViewRequest => ({
  mode: 'take',
  options,
  viewer: { viewerId, hostId: 'ab', host: 'here' },
});
const folderOf = ({ localId }: Session) => join(rig.home, 'run', 'hotdesk-vnc', localId);

async function attach(
  session: Session,
  request = view(),
  prefer: readonly string[] = [],
): Promise<RunningViewer> {
  const endpoint = await backend.endpoint(session.localId, request);
  if (endpoint.kind !== 'unix') throw new Error('a socket was expected');
  const command = await viewerCommand(
    profile,
    {
      ...{ view: request, session, ref: `vnc:${session.localId}@here`, seat: 'x11', path: endpoint.path },
      ...{ folder: rig.home, secrets: endpoint.secrets, hotdesk: [], prefer },
    },
    async () => true,
  );
  const viewer = await launchViewer(command, seat.seat);
  viewers.push(viewer);
  await viewer.shown;
  return viewer;
}

test('socket, folder and cookie are its user’s alone; the server listens on no port', async () => {
  const session = await start('private');
  const folder = folderOf(session);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const file of ['rfb.sock', 'Xauthority']) expect(statSync(join(folder, file)).mode & 0o077).toBe(0);
  const { facts } = await backend.info(session.localId);
  expect(facts.port ?? '').toBe('');
});

test.runIf(process.getuid?.() === 0)('a folder of somebody else holds no session of ours', async () => {
  const session = await start('mine');
  // They listen there, and then lead whoever looks to a socket of ours.
  const made = mkdirSync('/run/user', { recursive: true });
  const theirs = mkdtempSync('/run/user/9');
  const server = createServer();
  try {
    const folder = join(theirs, 'hotdesk-vnc', '998');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'rfb.sock');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    renameSync(path, join(folder, 'later'));
    symlinkSync(join(folderOf(session), 'rfb.sock'), path);
    writeFileSync(join(folder, 'ready'), '');
    await promisify(execFile)('chown', ['-hR', '65534', theirs]);
    await expect(backend.endpoint('998', view())).rejects.toMatchObject({ code: 'session-gone' });
    expect(await backend.endpoint(session.localId, view())).toMatchObject({ kind: 'unix' });
  } finally {
    server.close();
    rmSync(made ?? theirs, { recursive: true });
  }
});

test('a killed server is cleared away, and its display can be had again', async () => {
  const session = await start('killed');
  const viewer = await attach(session);
  kill(session.pid ?? Number(readFileSync(join(folderOf(session), 'server'), 'utf8')));
  await viewer.exited;
  await until('it is gone', async () => (await mine()).length === 0);
  await until('its folder is gone', () => !existsSync(folderOf(session)));
  expect((await start('again')).localId).toBe(session.localId);
});

test('what was killed with its supervisor is listed as dead, and can be stopped', async () => {
  const session = await start('dead');
  const folder = folderOf(session);
  for (const file of ['pid', 'server', 'app']) kill(Number(readFileSync(join(folder, file), 'utf8')));
  const dead = await until('it is dead', async () => (await mine()).find(({ state }) => state === 'dead'));
  expect(dead).toMatchObject({ localId: session.localId, name: 'dead' });
  await expect(backend.endpoint(session.localId, view())).rejects.toMatchObject({ code: 'session-gone' });
  await backend.stop(session.localId);
  expect(existsSync(folder)).toBe(false);
});

test('a stale claim is taken over, a display in use is passed over', async () => {
  const first = await start('first');
  const folder = join(rig.home, 'run', 'hotdesk-vnc', String(Number(first.localId) + 1));
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, 'pid'), '4194399\n');
  expect((await start('second')).localId).toBe(String(Number(first.localId) + 1));
});

test.each([
  ['displaces', 1],
  ['shares', 2],
])('second-viewer=%s is what a second viewer does, and is listed', async (value, count) => {
  const session = await start('choice', { 'second-viewer': value });
  expect((await mine())[0]?.steals).toBe(value);
  await attach(session, view({}, 'v1'));
  await attach(session, view({}, 'v2'));
  await until('so many watch', async () => (await mine())[0]?.watchers.length === count);
});

test('second-viewer=refused refuses the second with the server’s word', async () => {
  const session = await start('choice', { 'second-viewer': 'refused' });
  const first = await attach(session, view({}, 'v1'));
  await expect(attach(session, view({}, 'v2'))).rejects.toMatchObject({
    code: 'viewer-failed',
    message: expect.stringContaining('already in use'),
  });
  await backend.detach(session.localId);
  await first.exited;
  await attach(session, view({}, 'v3'));
});

test('gvncviewer shows it where the user prefers that, and takes turns with the other', async () => {
  const command = ['xterm', '-bg', '#12ab51', '-geometry', '120x50', '-e', 'sleep', '600'];
  const session = await backend.start({ name: 'seen', command, kind: 'app', options: {} }, () => {});
  noteDisplays(rig);
  const first = await attach(session, view({}, 'v1'), ['gvncviewer']);
  expect(readFileSync(`/proc/${first.pid}/comm`, 'utf8')).toBe('gvncviewer\n');
  await until('it is seen', async () => (await seen(seat, '12ab51')) > 100_000, 30_000);
  const second = await attach(session, view({}, 'v2'));
  await first.exited;
  await attach(session, view({}, 'v3'), ['gvncviewer']);
  await second.exited;
  expect((await mine())[0]?.watchers).toHaveLength(1);
  // What it cannot do is done by the one that can.
  const third = await attach(session, view({ quality: 3 }, 'v4'), ['gvncviewer']);
  expect(readFileSync(`/proc/${third.pid}/comm`, 'utf8')).toBe('xtigervncviewer\n');
});

test('a vncviewer of another maker is passed over', async () => {
  const folder = join(rig.home, '.cache', 'bin');
  mkdirSync(folder);
  const choice = async (text: string) => {
    writeFileSync(join(folder, 'vncviewer'), `#!/bin/sh\necho ${text}\n`, { mode: 0o755 });
    const session = { localId: '1', name: 'x' };
    const ask = { view: view({}, 'v1'), session, ref: 'x', seat: 'x11', folder, hotdesk: [] } as const;
    const isThere = async (program: string, holds?: string) =>
      program !== 'xtigervncviewer' && (await isInstalled(program, folder, holds));
    return (await viewerCommand(profile, ask, isThere)).name;
  };
  expect(await choice('TightVNC Viewer version 1.3.10')).toBe('gvncviewer');
  expect(await choice('TigerVNC Viewer 64-bit v1.12.0')).toBe('vncviewer');
});

/** Pixels of that colour on the seat's screen. */
async function seen({ seat: { env } }: TestSeat, colour: string): Promise<number> {
  const options = {
    env: { ...process.env, ...env },
    maxBuffer: 32 * 1024 * 1024,
    encoding: 'buffer',
  } as const;
  const { stdout } = await promisify(execFile)(
    'import',
    ['-window', 'root', '-depth', '8', 'rgb:-'],
    options,
  );
  let count = 0;
  const wanted = Buffer.from(colour, 'hex');
  for (let at = 0; at + 2 < stdout.length; at += 3) {
    if (stdout.compare(wanted, 0, 3, at, at + 3) === 0) count += 1;
  }
  return count;
}

test.each([
  [{ quality: 3, compression: 6, clipboard: false, resize: false }, '"taken - TigerVNC"'],
  // A window without a name then, as large as the screen.
  [{ encoding: 'ZRLE', colours: 'low', fullscreen: true }, '1280x800+0+0 '],
  [{ encoding: 'Hextile', colours: 'medium' }, '"taken - TigerVNC"'],
])('the viewer takes %j', async (options, shown) => {
  const viewer = await attach(await start('taken', { depth: '16' }), view(options));
  await until('its window', async () => (await seat.windows()).includes(shown));
  await viewer.terminate();
});

test('geometry is that of the desktop; what is no choice is an error that lists them', async () => {
  const session = await start('sized', { geometry: '800x600' });
  expect((await backend.info(session.localId)).facts.size).toBe('800x600');
  await expect(start('x', { geometry: 'huge' })).rejects.toMatchObject({ code: 'bad-option' });
  await expect(start('x', { 'second-viewer': 'maybe' })).rejects.toMatchObject({
    code: 'bad-option',
    candidates: ['displaces', 'shares', 'refused'],
  });
});

test('a window manager that is not there is named, and nothing is left', async () => {
  await expect(start('x', { 'window-manager': 'no-such-wm' })).rejects.toMatchObject({
    code: 'application-missing',
    message: expect.stringContaining('no-such-wm'),
  });
});

test('a session of the user’s with a password is opened by its file, one on an open port only if asked', async () => {
  await byHand(':941', ['-rfbport', '5941', '-localhost', '-SecurityTypes', 'None']);
  await until('it is listed', async () => (await mine()).some(({ localId }) => localId === '941'));
  await expect(backend.endpoint('941', view())).rejects.toMatchObject({
    code: 'not-supported',
    message: expect.stringContaining('insecure-port=yes'),
  });
  expect(await backend.endpoint('941', view({ 'insecure-port': true }))).toMatchObject({
    kind: 'tcp',
    port: 5941,
  });
  await backend.stop('941');

  mkdirSync(join(rig.home, '.vnc'));
  const made = await rig.machine.exec(['tigervncpasswd', '-f'], { stdin: 'secret12' });
  writeFileSync(join(rig.home, '.vnc', 'passwd'), made.stdout, { mode: 0o600 });
  const socket = join(rig.home, 'own.sock');
  await byHand(':942', [
    '-rfbport',
    '-1',
    '-rfbunixpath',
    socket,
    '-PasswordFile',
    join(rig.home, '.vnc', 'passwd'),
  ]);
  const session = await until('it is listed', async () => (await mine()).find((s) => s.localId === '942'));
  const viewer = await attach(session);
  const file = join(rig.home, 'v1.passwd');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(`/proc/${viewer.pid}/cmdline`, 'latin1')).not.toContain('secret12');
  await viewer.terminate();
  expect(existsSync(file)).toBe(false);
  await backend.stop('942');
});

async function byHand(display: string, words: readonly string[]): Promise<void> {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  await rig.machine.exec(['sh', '-c', `Xtigervnc ${display} ${quoted} >/dev/null 2>&1 </dev/null &`]);
}

/** Somebody else is on the socket of a display: a server would not start there. */
async function taken(display: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`\0/tmp/.X11-unix/X${display}`, resolve));
  return server;
}

test('a display that somebody takes between the look and the start costs another try only', async () => {
  const first = await start('first');
  const next = Number(first.localId) + 1;
  const server = await taken(String(next));
  try {
    // Somebody else on this machine may have the next one.
    expect(Number((await start('second')).localId)).toBeGreaterThan(next);
  } finally {
    server.close();
  }
});

test('a desktop begins with a terminal that its window manager shows; an application may have one beside it', async () => {
  const desktop = await backend.start({ name: 'desk', command: [], kind: 'desktop', options: {} }, () => {});
  const app = await start('framed', { 'window-manager': 'openbox' });
  for (const session of [desktop, app]) {
    const display = `:${session.localId}`;
    const xauth = join(folderOf(session), 'Xauthority');
    await until('its terminal is shown in a frame', async () => {
      const { stdout } = await rig.machine.exec(['xdotool', 'search', '--onlyvisible', '--class', 'xterm'], {
        env: { DISPLAY: display, XAUTHORITY: xauth },
      });
      const [window] = stdout.toString('utf8').split('\n').filter(Boolean);
      if (window === undefined) return false;
      const tree = await rig.machine.exec(['xprop', '-id', window, '_NET_FRAME_EXTENTS'], {
        env: { DISPLAY: display, XAUTHORITY: xauth },
      });
      return /= \d+, \d+, [1-9]/u.test(tree.stdout.toString('utf8'));
    });
  }
});
