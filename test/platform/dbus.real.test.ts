/** Against a message bus of its own, which stands in for the system's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bus, BusSignal } from '../../src/kernel/bus.ts';
import { systemBus } from '../../src/platform/dbus.ts';
import { until } from '../rigs/until.ts';

const DBUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};
const CONFIG = (socket: string) => `<busconfig><type>system</type><listen>unix:path=${socket}</listen>
<auth>EXTERNAL</auth><limit name="max_replies_per_connection">128</limit><policy context="default">
<allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
</policy></busconfig>`;

let folder = '';
let daemon: ChildProcess | undefined;
let buses: Bus[] = [];
const before = process.env.DBUS_SYSTEM_BUS_ADDRESS;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hotdesk-bus-'));
  process.env.DBUS_SYSTEM_BUS_ADDRESS = `unix:path=${path.join(folder, 'socket')}`;
});
afterEach(async () => {
  for (const bus of buses) bus.close();
  buses = [];
  daemon?.kill('SIGKILL');
  daemon = undefined;
  if (before === undefined) delete process.env.DBUS_SYSTEM_BUS_ADDRESS;
  else process.env.DBUS_SYSTEM_BUS_ADDRESS = before;
  await rm(folder, { recursive: true, force: true });
});

async function startDaemon(): Promise<void> {
  const config = path.join(folder, 'bus.conf');
  await writeFile(config, CONFIG(path.join(folder, 'socket')));
  daemon = spawn('dbus-daemon', ['--nofork', '--nopidfile', '--print-address', `--config-file=${config}`]);
  await new Promise<void>((resolve) => daemon?.stdout?.once('data', () => resolve()));
}

async function connect(): Promise<Bus> {
  const bus = await systemBus();
  buses.push(bus);
  return bus;
}

it('calls, and tells the words of a refusal', async () => {
  await startDaemon();
  const bus = await connect();
  const [names] = await bus.call({ ...DBUS, member: 'ListNames' });
  expect(names).toContain('org.freedesktop.DBus');
  const call = bus.call({ ...DBUS, member: 'GetNameOwner', signature: 's', body: ['no.such.Name'] });
  await expect(call).rejects.toMatchObject({
    code: 'command-failed',
    message: /GetNameOwner.*no\.such\.Name/u,
  });
  // What cannot be written as the signature says is refused here, and the connection lives on.
  const bad = bus.call({ ...DBUS, member: 'GetNameOwner', signature: 'u', body: ['text'] });
  await expect(bad).rejects.toMatchObject({ code: 'command-failed' });
  expect(await bus.call({ ...DBUS, member: 'GetId' })).toHaveLength(1);
});

it('takes hundreds of calls at once, though the bus allows 128', async () => {
  await startDaemon();
  const bus = await connect();
  const calls = Array.from({ length: 1000 }, () => bus.call({ ...DBUS, member: 'ListNames' }));
  expect(await Promise.all(calls)).toHaveLength(1000);
});

it('tells signals with their sender, those without a body too', async () => {
  await startDaemon();
  const [bus, other] = [await connect(), await connect()];
  const signals: BusSignal[] = [];
  bus.onSignal((signal) => signals.push(signal));
  const rule = "type='signal',member='NameOwnerChanged'";
  await bus.call({ ...DBUS, member: 'AddMatch', signature: 's', body: [rule] });
  await other.call({ ...DBUS, member: 'RequestName', signature: 'su', body: ['org.example.Test', 0] });
  const signal = await until('the signal', () => signals.find(({ body }) => body[0] === 'org.example.Test'));
  expect(signal).toMatchObject({ sender: 'org.freedesktop.DBus', member: 'NameOwnerChanged' });
});

it('refuses what is under way when the bus goes, and says that it went', async () => {
  await startDaemon();
  const bus = await connect();
  let closed = 0;
  bus.onClose(() => {
    closed += 1;
  });
  daemon?.kill('SIGSTOP');
  const calls = Array.from({ length: 100 }, () => bus.call({ ...DBUS, member: 'ListNames' }));
  const outcome = Promise.allSettled(calls);
  daemon?.kill('SIGKILL');
  for (const { status } of await outcome) expect(status).toBe('rejected');
  await until('closed', () => closed === 1);
  await expect(bus.call({ ...DBUS, member: 'ListNames' })).rejects.toMatchObject({ code: 'connection-lost' });
});

it('says where there is no bus, and where something else answers', async () => {
  await expect(systemBus()).rejects.toMatchObject({ code: 'mdns-unavailable' });
  const server = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => server.listen(path.join(folder, 'socket'), resolve));
  await expect(systemBus()).rejects.toMatchObject({ code: 'mdns-unavailable' });
  await new Promise((resolve) => server.close(resolve));
});
