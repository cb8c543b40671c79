/** Objects of ours on a session bus, called by another connection. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BusSignal, IncomingCall, ServingBus } from '../../src/kernel/bus.ts';
import { busSockets } from '../../src/platform/bus-address.ts';
import { sessionBus } from '../../src/platform/dbus.ts';
import { TestBus } from '../rigs/bus.ts';
import { until } from '../rigs/until.ts';

let daemon: TestBus;
let server: ServingBus;
let client: ServingBus;

beforeEach(async () => {
  daemon = await TestBus.start();
  server = await sessionBus(busSockets(daemon.address));
  client = await sessionBus(['/nowhere', daemon.socket]);
});
afterEach(async () => {
  server.close();
  client.close();
  await daemon.end();
});

const call = (member: string, more: { signature?: string; body?: unknown[] } = {}) =>
  client.call({ destination: server.name, path: '/thing', interface: 'org.example.Thing', member, ...more });

it('answers calls, and goes on after those that it has no answer for', async () => {
  const calls: IncomingCall[] = [];
  server.onCall((incoming) => {
    calls.push(incoming);
    if (incoming.member === 'Sum')
      return { signature: 'i', body: [Number(incoming.body[0]) + Number(incoming.body[1])] };
    if (incoming.member === 'Break') throw new Error('broken on purpose');
    if (incoming.member === 'Wrong') return { signature: 'i', body: ['no number'] };
    return incoming.member === 'Nothing' ? {} : undefined;
  });
  expect(server.name).toMatch(/^:1\.\d+$/u);
  expect(await call('Sum', { signature: 'ii', body: [2, 3] })).toEqual([5]);
  expect(await call('Nothing')).toEqual([]);
  await expect(call('Break')).rejects.toMatchObject({ message: /broken on purpose/u });
  await expect(call('Absent')).rejects.toMatchObject({ message: /UnknownMethod/u });
  // What the library itself would end the process over.
  const properties = {
    destination: server.name,
    path: '/thing',
    interface: 'org.freedesktop.DBus.Properties',
  };
  await expect(
    client.call({ ...properties, member: 'Get', signature: 'ss', body: ['org.example.Thing', 'Absent'] }),
  ).rejects.toMatchObject({ code: 'command-failed' });
  expect(await call('Sum', { signature: 'ii', body: [20, 30] })).toEqual([50]);
  expect(calls[0]).toMatchObject({ sender: client.name, path: '/thing', interface: 'org.example.Thing' });
});

it('tells a caller that an answer could not be written', async () => {
  server.onCall(() => ({ signature: 'i', body: ['no number'] }));
  await expect(call('Wrong')).rejects.toMatchObject({ code: 'command-failed' });
});

it('sends signals', async () => {
  const seen: BusSignal[] = [];
  client.onSignal((signal) => seen.push(signal));
  const rule = `type='signal',sender='${server.name}'`;
  await client.call({
    ...{
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
    },
    ...{ member: 'AddMatch', signature: 's', body: [rule] },
  });
  server.emit({
    path: '/thing',
    interface: 'org.example.Thing',
    member: 'Changed',
    signature: 'u',
    body: [7],
  });
  server.emit({ path: '/thing', interface: 'org.example.Thing', member: 'Bare' });
  await until('both signals', () => seen.length === 2);
  expect(seen.map(({ member, body }) => [member, body])).toEqual([
    ['Changed', [7]],
    ['Bare', []],
  ]);
});

it('says that the bus is gone, and that there is none', async () => {
  let closed = false;
  server.onClose(() => {
    closed = true;
  });
  await daemon.kill();
  await until('closed', () => closed);
  server.emit({ path: '/thing', interface: 'org.example.Thing', member: 'Late' });
  await expect(sessionBus([daemon.socket])).rejects.toMatchObject({ code: 'no-seat' });
  await expect(sessionBus([])).rejects.toMatchObject({ code: 'no-seat', message: /is not set/u });
});
