/** What can go wrong with sharing a display. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Backend } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { packaged } from '../contract/packaged.ts';
import {
  type ContractRig,
  commandLine,
  localRig,
  nothingLeft,
  type TestSeat,
  testSeat,
} from '../contract/rig.ts';
import { freePort } from '../rigs/sshd/sshd.ts';
import { until } from '../rigs/until.ts';

let rig: ContractRig;
let desk: TestSeat;
let backend: Backend;

beforeAll(async () => {
  rig = await localRig();
  desk = await testSeat();
  backend = bindBackend(packaged('vnc-shadow'), rig.machine);
});
afterEach(async () => {
  await backend.stop(`s${desk.seat.id.slice(1)}`).catch(() => {});
  await nothingLeft(rig);
});
afterAll(async () => {
  await desk.dispose();
  await rig.dispose();
});

const start = (options: Record<string, string>, command: string[] = []) =>
  backend.start({ name: 'shared', command, kind: 'shadow', options }, () => {});

test('a display that is not there, and a command, are refused with the reason', async () => {
  await expect(start({ display: ':987' })).rejects.toMatchObject({
    code: 'bad-option',
    message: expect.stringContaining(':987'),
  });
  await expect(start({ display: desk.seat.id }, ['xterm'])).rejects.toMatchObject({ code: 'not-supported' });
});

test('a display is shared once: who comes second is told where', async () => {
  const session = await start({ display: desk.seat.id });
  await expect(start({ display: desk.seat.id })).rejects.toMatchObject({
    code: 'session-busy',
    message: expect.stringContaining(`vnc-shadow:${session.localId}`),
  });
  expect((await backend.info(session.localId)).state).toBe('live');
});

test.each(['X0tigervnc', 'x11vnc'])(
  '%s shares it, untouched if asked; it begins anew for viewers of others alone, and the display outlives it',
  async (program) => {
    const session = await start({ display: desk.seat.id, program, untouched: 'yes' });
    const folder = join(rig.home, 'run', 'hotdesk-vnc', session.localId);
    const server = () => Number(readFileSync(join(folder, 'server'), 'utf8'));
    const first = server();
    expect(commandLine(first)).toMatch(/-viewonly|-AcceptPointerEvents=0/u);
    await backend.detach(session.localId);
    expect(server()).toBe(first);

    const somebody = connect(join(folder, 'rfb.sock'));
    await once(somebody, 'data');
    const ended = once(somebody, 'close');
    await backend.detach(session.localId);
    await ended;
    expect(server()).not.toBe(first);
    await backend.stop(session.localId);
    expect(existsSync(folder)).toBe(false);
    expect(await desk.windows()).toContain('Root window');
  },
);

test('one that somebody started by hand is rid of its viewers whichever way they came', async () => {
  const path = join(rig.home, '.cache', 'hand.sock');
  const port = await freePort();
  const args = [
    '-display',
    desk.seat.id,
    '-unixsock',
    path,
    '-rfbport',
    `${port}`,
    '-localhost',
    '-nopw',
    '-forever',
  ];
  const env = { ...process.env, ...desk.seat.env };
  const server = spawn('x11vnc', [...args, '-shared', '-quiet'], { env, stdio: 'ignore' });
  try {
    await until('it listens', () => isOpen(port));
    const viewer = connect(port, '127.0.0.1');
    const closed = once(viewer, 'close').then(() => true);
    viewer.resume();
    await once(viewer, 'connect');
    viewer.write('RFB 003.008\n');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await backend.detach(`p${server.pid}`);
    expect(await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 2000))])).toBe(true);
  } finally {
    server.kill();
    await once(server, 'exit');
  }
});

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
