/** What an avahi-daemon says late, or another one says; beside lan.real.test.ts. */
import { expect, it } from 'vitest';
import { AVAHI, AvahiDaemon } from '../../../src/discovery/avahi/daemon.ts';
import { AvahiFinder } from '../../../src/discovery/avahi/finder.ts';
import { createLanFinder } from '../../../src/discovery/lan.ts';
import { HOTDESK } from '../../../src/discovery/services.ts';
import type { Bus, BusSignal } from '../../../src/kernel/bus.ts';
import { silentLogger } from '../../../src/kernel/log.ts';
import { encodeTxt } from '../../../src/protocol/txt.ts';
import { FakeClock } from '../mdns/crafted.ts';
import { recorder } from '../recorder.ts';

const DBUS = 'org.freedesktop.DBus';
const turn = () => new Promise((resolve) => setImmediate(resolve));
const links = () => [{ name: 'eth0', addresses: [{ address: '10.0.0.1', family: 4 as const, prefix: 24 }] }];
const TXT = encodeTxt({ hostId: 'ab'.repeat(16), agentId: '0011aabb', revision: 1, sessions: [] });

/** A bus with a daemon that numbers its objects, as Avahi does, from the beginning each time it starts. */
function rig() {
  const clock = new FakeClock();
  let tell: (signal: BusSignal) => void = () => {};
  let made = { ServiceBrowser: 0, ServiceResolver: 0 };
  const state = { owner: ':1.7', held: [] as (() => void)[] | undefined, calls: [] as string[] };
  state.held = undefined;
  const call: Bus['call'] = async ({ destination, member, path }) => {
    if (destination === DBUS) return member === 'GetNameOwner' ? [state.owner] : [];
    state.calls.push(member === 'Free' ? `Free ${path}` : member);
    if (state.held) await new Promise<void>((resolve) => state.held?.push(resolve));
    if (member === 'GetNetworkInterfaceNameByIndex') return ['eth0'];
    const kind = /^(Service.*)New$/u.exec(member)?.[1];
    if (kind !== 'ServiceBrowser' && kind !== 'ServiceResolver') return [];
    made[kind] += 1;
    return [`/Client0/${kind}${made[kind]}`];
  };
  const bus: Bus = {
    onSignal: (listener) => {
      tell = listener;
    },
    ...{ onClose: () => {}, close: () => {}, call },
  };
  const daemon = new AvahiDaemon({ open: async () => bus, clock, log: silentLogger });
  const say = (path: string, member: string, body: readonly unknown[]) =>
    tell({ sender: state.owner, path, interface: AVAHI, member, body });
  const item = (member: string, name: string) =>
    say('/Client0/ServiceBrowser1', member, [2, 0, name, HOTDESK, 'local', 0]);
  const found = (path: string, name: string) =>
    say(path, 'Found', [2, 0, name, HOTDESK, 'local', `${name}.local`, 0, '10.0.0.2', 22, TXT, 0]);
  /** Another daemon has the name, at once. */
  const restarted = (owner: string) => {
    const before = state.owner;
    state.owner = owner;
    made = { ServiceBrowser: 0, ServiceResolver: 0 };
    const body = [AVAHI, before, owner];
    tell({ sender: DBUS, path: '/', interface: DBUS, member: 'NameOwnerChanged', body });
  };
  return { clock, daemon, bus, state, item, found, say, restarted };
}

async function started() {
  const all = rig();
  await all.daemon.start();
  const finder = new AvahiFinder({ daemon: all.daemon, clock: all.clock, log: silentLogger, links });
  const seen = recorder();
  await finder.start(seen);
  const told = async () => {
    for (let n = 0; n < 4; n += 1) await turn();
    all.clock.advance(20);
    return [...seen.sightings.values()].map(({ name }) => name);
  };
  return { ...all, finder, seen, told };
}

it('one that is gone is not brought back by what its resolver said late', async () => {
  const { item, found, told } = await started();
  item('ItemNew', 'alpha');
  await turn();
  found('/Client0/ServiceResolver1', 'alpha');
  expect(await told()).toEqual(['alpha']);
  item('ItemRemove', 'alpha');
  found('/Client0/ServiceResolver1', 'alpha');
  expect(await told()).toEqual([]);
});

it('what freed objects say fills no room that the early word of a new one wants', async () => {
  const { item, found, say, told, state } = await started();
  for (let n = 0; n < 5000; n += 1) say(`/Client0/ServiceResolver9${n}`, 'Found', []);
  state.held = [];
  item('ItemNew', 'beta');
  const go = async () => {
    await turn();
    for (const each of state.held?.splice(0) ?? []) each();
  };
  await go();
  await turn();
  // Said before the reply that names it.
  found('/Client0/ServiceResolver1', 'beta');
  await go();
  expect(await told()).toEqual(['beta']);
});

it('a resolver that comes after the stop is freed, also where it has been started again', async () => {
  const { finder, item, seen, state } = await started();
  state.held = [];
  item('ItemNew', 'gamma');
  await turn();
  const stopping = finder.stop();
  const held = state.held;
  state.held = undefined;
  for (const each of held) each();
  await stopping;
  await finder.start(seen);
  await turn();
  expect(state.calls.filter((call) => call === 'ServiceResolverNew')).toEqual([]);
});

it('a browser that comes after the stop is freed', async () => {
  const { daemon, clock, state } = await started();
  const finder = new AvahiFinder({ daemon, clock, log: silentLogger, links });
  state.held = [];
  state.calls.length = 0;
  const starting = finder.start(recorder());
  const ended = expect(starting).rejects.toMatchObject({ code: 'cancelled' });
  await turn();
  const held = state.held;
  state.held = undefined;
  const stopping = finder.stop();
  for (const each of held) each();
  await Promise.all([ended, stopping]);
  await turn();
  expect(state.calls[0]).toBe('ServiceBrowserNew');
  expect(state.calls.slice(1)).toEqual([expect.stringMatching(/^Free .*ServiceBrowser/u)]);
});

it('frees nothing of another daemon, whose objects have the same paths', async () => {
  const { finder, state, restarted } = await started();
  expect(finder.works).toBe(true);
  restarted(':1.8');
  expect(finder.works).toBe(false);
  state.calls.length = 0;
  await finder.stop();
  expect(state.calls).toEqual([]);
});

it('a daemon that takes the place of another at once is asked anew', async () => {
  const { bus, clock, state, restarted } = rig();
  const lan = createLanFinder({ bus: async () => bus, clock, prefer: 'avahi' });
  await lan.start(recorder());
  expect(lan.mode).toBe('avahi');
  const asked = state.calls.filter((call) => call === 'ServiceBrowserNew').length;
  state.calls.length = 0;
  restarted(':1.8');
  for (let n = 0; n < 10; n += 1) await turn();
  expect(state.calls.filter((call) => call === 'ServiceBrowserNew')).toHaveLength(asked);
  await lan.stop();
});
