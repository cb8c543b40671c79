/** Virtual machines that hotdesk did not start, passwords, and what can go wrong. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { forwardPort, type PortForward } from '../../src/agent/loopback.ts';
import type { Backend, ViewRequest } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { viewerCommand } from '../../src/profiles/view.ts';
import { type LaunchOptions, launchViewer, type RunningViewer } from '../../src/viewer/launch.ts';
import { packaged } from '../contract/packaged.ts';
import {
  type ContractRig,
  commandLine,
  kill,
  localRig,
  nothingLeft,
  processesOf,
  type TestSeat,
  testSeat,
} from '../contract/rig.ts';
import { until } from '../rigs/until.ts';

const QEMU = ['qemu-system-x86_64', '-machine', 'q35,accel=tcg', '-m', '64', '-nodefaults', '-vga', 'qxl'];
const profile = packaged('spice-vm');
let rig: ContractRig;
let screen: TestSeat;
let backend: Backend;
const opened: { viewer: RunningViewer; port: PortForward }[] = [];

beforeAll(async () => {
  rig = await localRig();
  screen = await testSeat();
  backend = bindBackend(profile, rig.machine);
});
afterEach(async () => {
  for (const { viewer, port } of opened.splice(0)) {
    await viewer.terminate();
    port.close();
  }
  for (const session of await mine()) await backend.stop(session.localId);
  await nothingLeft(rig);
});
afterAll(async () => {
  await screen.dispose();
  await rig.dispose();
});

const mine = async () => {
  const ours = new Set(processesOf(rig.home));
  return (await backend.list()).filter(
    ({ pid, state }) => state === 'dead' || (pid !== undefined && ours.has(pid)),
  );
};
const named = (name: string) =>
  until(`${name} is listed`, async () => (await mine()).find((session) => session.name === name));
/** Started as somebody would without hotdesk, in the home folder. */
const byHand = async (name: string, options: readonly string[]) => {
  await rig.machine.exec([
    'sh',
    '-c',
    'cd && setsid "$@" -display none </dev/null >/dev/null 2>qemu.err &',
    'sh',
    ...QEMU,
    // Not switched on, so that nobody waits for it when it is stopped.
    '-S',
    '-name',
    name,
    ...options,
  ]);
  const session = await named(name);
  // Its sockets come a moment after its command line.
  if (options.includes('-qmp')) await until('its monitor', () => existsSync(join(rig.home, 'qmp')));
  await rig.machine.exec(['rm', '-f', join(rig.home, 'qemu.err')]);
  return session;
};
const start = (name: string, grace = 0) =>
  backend.start({ name, command: QEMU, kind: 'vm', options: { grace } }, () => {});
const view = (options: ViewRequest['options'] = {}): ViewRequest => ({
  mode: 'take',
  options,
  viewer: { viewerId: randomBytes(8).toString('hex'), hostId: 'ab12'.repeat(8), host: 'elsewhere' },
});

/** Where a password is wanted, by a port of the loopback. */
const open = async (
  session: { localId: string; name: string },
  password?: string,
  watching: LaunchOptions = {},
) => {
  const request = view();
  const endpoint = await backend.endpoint(session.localId, request);
  if (endpoint.kind !== 'tcp' && endpoint.kind !== 'unix') throw new Error('no stream');
  const port = await forwardPort({
    open: (signal) => rig.machine.open(endpoint, signal),
    holdMs: 0,
    isGuarded: true,
  });
  const command = await viewerCommand(
    profile,
    {
      view: request,
      session,
      ref: 'it',
      seat: 'x11',
      ...(endpoint.kind === 'unix' ? { path: endpoint.path } : { port: port.port }),
      secrets: password === undefined ? endpoint.secrets : { password },
      folder: rig.home,
      hotdesk: [],
    },
    async () => true,
  );
  const viewer = await launchViewer(command, screen.seat, watching);
  opened.push({ viewer, port });
  return { viewer, endpoint };
};
const freePort = () => String(20_000 + Math.floor(Math.random() * 10_000));

test('a password of the owner is read where it is, and the viewer gets it in a file of its own', async () => {
  const password = 'p\\a, s"s $(touch ~/pwned)';
  writeFileSync(join(rig.home, 'pw'), password, { mode: 0o600 });
  const session = await byHand('owners', [
    ...['-object', 'secret,id=pw,file=pw', '-spice', `port=${freePort()},addr=127.0.0.1,password-secret=pw`],
    ...['-qmp', 'unix:qmp,server=on,wait=off'],
  ]);
  const { viewer, endpoint } = await open(session);
  expect(endpoint).toMatchObject({ kind: 'tcp', secrets: { password: password.replaceAll('\\', '\\\\') } });
  await viewer.shown;
  expect(commandLine(viewer.pid)).not.toContain('touch');
  await until('it is listed as watched', async () => (await mine())[0]?.watchers.length === 1);
  const picture = await backend.thumbnail(session.localId);
  expect(picture.kind === 'png' && picture.data.subarray(1, 4).toString()).toBe('PNG');
  await backend.detach(session.localId);
  await viewer.exited;
  // The password is what it was.
  const again = await open(session);
  await again.viewer.shown;
  await rig.machine.exec(['rm', join(rig.home, 'pw')]);
});

test('a password that nobody can read is replaced by one of ours, for a minute', async () => {
  const session = await byHand('unknown', [
    ...['-spice', `port=${freePort()},addr=127.0.0.1`, '-qmp', 'unix:qmp,server=on,wait=off'],
  ]);
  const { viewer, endpoint } = await open(session);
  const { password = '' } = endpoint.kind === 'tcp' ? (endpoint.secrets ?? {}) : {};
  expect(password).toMatch(/^[0-9a-f]{32}$/u);
  await viewer.shown;
  const other = await backend.endpoint(session.localId, view());
  expect(other.kind === 'tcp' && other.secrets?.password).not.toBe(password);
});

test('a wrong password is said at once', async () => {
  const session = await byHand('wrong', [
    ...['-spice', `port=${freePort()},addr=127.0.0.1`, '-qmp', 'unix:qmp,server=on,wait=off'],
  ]);
  const { viewer } = await open(session, 'not it');
  const began = performance.now();
  await expect(viewer.shown).rejects.toMatchObject({ code: 'auth-failed' });
  // It would ask in its window, as long as it is let: 30 s.
  expect(performance.now() - began).toBeLessThan(20_000);
  await viewer.exited;
  expect((await mine())[0]?.watchers).toEqual([]);
});

test('a viewer that is called off while it connects goes when it shows: else the machine could go with it', async () => {
  await start('connecting');
  for (let round = 0; round < 4; round += 1) {
    const [session] = await mine();
    const controller = new AbortController();
    const heard: string[] = [];
    const onLine = (line: string) => {
      heard.push(line);
      if (line.includes('main channel: opened')) controller.abort();
    };
    const { viewer } = await open(session ?? { localId: '', name: '' }, undefined, {
      signal: controller.signal,
      onLine,
    });
    await expect(viewer.shown).rejects.toMatchObject({ code: 'cancelled' });
    await viewer.exited;
    expect(heard.join('\n')).toMatch(/main channel: opened[\s\S]*notebook show display/u);
    expect((await mine()).map(({ name, state }) => `${name} ${state}`)).toEqual(['connecting live']);
  }
});

test('a machine with no display is shown as that', async () => {
  const command = QEMU.map((word) => (word === 'qxl' ? 'none' : word));
  const session = await backend.start(
    { name: 'blind', command, kind: 'vm', options: { grace: 0 } },
    () => {},
  );
  const { viewer } = await open(session);
  await viewer.shown;
  await until('it is listed as watched', async () => (await mine())[0]?.watchers.length === 1);
});

test('a port without a password is connected to only if that is asked for', async () => {
  const session = await byHand('open', ['-spice', `port=${freePort()},addr=127.0.0.1,disable-ticketing=on`]);
  await expect(backend.endpoint(session.localId, view())).rejects.toMatchObject({
    code: 'not-supported',
    message: expect.stringContaining('insecure-port=yes'),
  });
  const endpoint = await backend.endpoint(session.localId, view({ 'insecure-port': true }));
  expect(endpoint).toMatchObject({ kind: 'tcp', host: '127.0.0.1' });
  // Without a monitor there is no picture, and it can be stopped all the same.
  await expect(backend.thumbnail(session.localId)).rejects.toMatchObject({ code: 'not-supported' });
});

test('a monitor that somebody else holds stops nobody from listing, watching and stopping', async () => {
  const session = await start('held');
  const folder = join(rig.home, 'run', 'hotdesk-vm', session.localId);
  const holder = connect(join(folder, 'qmp.sock'));
  await new Promise((resolve) => holder.once('data', resolve));
  expect((await mine()).map(({ name }) => name)).toEqual(['held']);
  expect((await backend.info(session.localId)).facts.status).toContain('does not answer');
  await expect(backend.endpoint(session.localId, view())).resolves.toMatchObject({ kind: 'unix' });
  await backend.stop(session.localId);
  holder.destroy();
});

test('QEMU killed: its folder goes by itself; with its supervisor: listed as dead, and cleared by stop', async () => {
  const first = await start('first');
  const folder = (id: string) => join(rig.home, 'run', 'hotdesk-vm', id);
  const pid = (id: string, file: string) => Number(readFileSync(join(folder(id), file), 'utf8'));
  kill(pid(first.localId, 'server'));
  await until('its folder is gone', () => !existsSync(folder(first.localId)));
  expect(await mine()).toEqual([]);

  const second = await start('second');
  kill(pid(second.localId, 'pid'));
  kill(pid(second.localId, 'server'));
  const dead = await until('it is dead', async () => {
    const [row] = await mine();
    return row?.state === 'dead' ? row : undefined;
  });
  expect(dead.name).toBe('second');
  await expect(backend.endpoint(dead.localId, view())).rejects.toMatchObject({ code: 'session-gone' });
  // The next one does not stumble over it.
  const third = await start('third');
  expect(third.localId).not.toBe(dead.localId);
  await backend.stop(dead.localId);
  expect((await mine()).map(({ name }) => name)).toEqual(['third']);
});

test('a guest that does not heed its power button is switched off when its time is up', async () => {
  const session = await start('deaf', 1);
  const began = Date.now();
  await backend.stop(session.localId);
  expect(Date.now() - began).toBeGreaterThan(900);
  expect(await mine()).toEqual([]);
});

test('what hotdesk says itself, and what is no machine, is refused with the reason', async () => {
  const refused = (command: string[]) =>
    backend.start({ name: 'no', command, kind: 'vm', options: {} }, () => {});
  await expect(refused([...QEMU, '-daemonize'])).rejects.toMatchObject({
    code: 'start-failed',
    message: expect.stringContaining('-daemonize'),
  });
  await expect(refused([])).rejects.toMatchObject({ code: 'application-missing' });
  await expect(refused(['no-such-machine'])).rejects.toMatchObject({
    code: 'application-missing',
    message: expect.stringContaining('no-such-machine'),
  });
  expect(readdirSync(join(rig.home, 'run', 'hotdesk-vm'))).toEqual([]);
});

test('one that puts itself into the background is one machine, also while it does', async () => {
  // The child waits for somebody at this socket, and the one that was typed in for its child.
  const wait = `socket,id=hold,path=${join(rig.home, 'hold')},server=on,wait=on`;
  await byHand('daemon', [
    '-daemonize',
    '-spice',
    `port=${freePort()},addr=127.0.0.1,disable-ticketing=on`,
    '-chardev',
    wait,
  ]);
  const both = () =>
    processesOf(rig.home).filter(
      (pid) => commandLine(pid).includes('-daemonize') && commandLine(pid).startsWith('qemu'),
    );
  await until('it has forked and waits', () => both().length === 2 && existsSync(join(rig.home, 'hold')));
  const during = await mine();
  expect(during.map(({ name }) => name)).toEqual(['daemon']);
  const held = connect(join(rig.home, 'hold'));
  await until('the first has gone', () => both().length === 1);
  expect((await mine()).map(({ localId }) => localId)).toEqual(during.map(({ localId }) => localId));
  held.destroy();
  await rig.machine.exec(['rm', '-f', join(rig.home, 'hold')]);
});
