import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Seat } from '../../src/model/seat.ts';
import { type Holding, holdSeat } from '../../src/tray/single.ts';

let folder = '';
let holdings: Holding[] = [];
beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'hotdesk-single-')), 'tray');
});
afterEach(() => {
  for (const holding of holdings) holding.end();
  holdings = [];
  rmSync(path.dirname(folder), { recursive: true, force: true });
});

const seat = (id: string, env: Record<string, string> = {}): Seat => ({
  id,
  kind: 'x11',
  env: { DISPLAY: id, ...env },
});
const hold = async (
  own: Seat | undefined,
  onOffer: (other: Seat) => Promise<boolean> = async () => false,
) => {
  const held = await holdSeat({ folder, seat: own, onOffer });
  if (!('pid' in held)) holdings.push(held);
  return held;
};
const holds = (held: object) => !('pid' in held);

it('is held by one, and told to the second', async () => {
  const offers: Seat[] = [];
  expect(holds(await hold(seat(':0'), async (other) => offers.push(other) > 0))).toBe(true);
  expect(await hold(seat(':0', { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x' }))).toEqual({ pid: process.pid });
  expect(offers).toEqual([seat(':0', { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x' })]);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

it('is another one at another seat, unless that one is taken over', async () => {
  expect(holds(await hold(seat(':0')))).toBe(true);
  expect(holds(await hold(seat(':1'), async () => true))).toBe(true);
  expect(await hold(seat(':2'))).toEqual({ pid: process.pid });
  expect(await hold(seat(':2'))).toEqual({ pid: process.pid });
});

it('is free again when it has ended, and when it was killed', async () => {
  const first = await hold(seat(':0'));
  if ('end' in first) first.end();
  expect(readdirSync(folder)).toEqual([]);
  // A socket that nobody listens on any more.
  const dead = createServer();
  await new Promise<void>((resolve) => dead.listen(path.join(folder, 'x'), resolve));
  const { linkSync } = await import('node:fs');
  linkSync(path.join(folder, 'x'), path.join(folder, ':0.sock'));
  await new Promise((resolve) => dead.close(resolve));
  expect(holds(await hold(seat(':0')))).toBe(true);
});

it('is there without a display too, and for names that are no file names', async () => {
  expect(holds(await hold(undefined))).toBe(true);
  for (const id of ['/run/user/1/wayland-0', 'x'.repeat(120), 'host:10.0', '../..'])
    expect(holds(await hold(seat(id))), id).toBe(true);
});

it('does not mind what is no seat', async () => {
  await hold(seat(':0'));
  const { connect } = await import('node:net');
  for (const text of ['{"id":1}\n', 'nonsense\n', `"${'x'.repeat(300_000)}`]) {
    const socket = connect(path.join(folder, ':0.sock'));
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(text);
    await closed;
  }
  expect(await hold(seat(':0'))).toEqual({ pid: process.pid });
});
