import { describe, expect, it } from 'vitest';
import { type AdminDeps, adminHandlers, requireSame } from '../../../src/agent/api/admin.ts';
import type { Call } from '../../../src/agent/api/server.ts';
import { SeatEvents } from '../../../src/agent/seat-events.ts';
import { Catalogue } from '../../../src/catalogue/store.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { sessionOf } from '../../actions/fake-context.ts';
import { until } from '../../rigs/until.ts';

const self = { hostId: 'ME', name: 'me', version: '1', sessions: [], backends: {} };
const host = (n: number) =>
  ({ finder: 'mdns', key: `${n}`, name: `h${n}`, addresses: [], services: [] }) as const;

function view(backlog = () => 0) {
  const events: number[] = [];
  const closers: (() => void)[] = [];
  const call = {
    signal: new AbortController().signal,
    progress: () => {},
    connection: {
      hello: { hotdesk: 1, version: '1', role: 'client' },
      backlog,
      onClose: (listener: () => void) => void closers.push(listener),
      send: () => void events.push(Date.now()),
    },
  } as unknown as Call;
  return { call, events, close: () => closers.forEach((close) => void close()) };
}

function rig() {
  const catalogue = new Catalogue(self, systemClock);
  let looks = 0;
  const seatEvents = new SeatEvents();
  const deps = {
    catalogue,
    seatEvents,
    settings: { path: '/c', list: () => [] },
    lookAround: async () => {
      looks += 1;
    },
    profiles: {},
  } as unknown as AdminDeps;
  return { catalogue, seatEvents, handlers: adminHandlers(deps), looks: () => looks };
}

describe('subscribe', () => {
  it('tells the first change at once, many as few, and looks at what is new', async () => {
    const { catalogue, handlers, looks } = rig();
    const one = view();
    handlers.subscribe({}, one.call);
    const began = Date.now();
    catalogue.found(host(0));
    await until('the first event', () => one.events.length === 1);
    expect((one.events[0] ?? 0) - began).toBeLessThan(90);
    for (let n = 1; n < 20; n += 1) {
      catalogue.found(host(n));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(one.events.length).toBeLessThan(8);
    expect(looks()).toBeGreaterThan(0);
    one.close();
    const after = one.events.length;
    catalogue.found(host(99));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(one.events.length).toBe(after);
  });

  it('tells what happens at the seats, until the view is gone', () => {
    const { handlers, seatEvents } = rig();
    const one = view();
    handlers.subscribe({}, one.call);
    seatEvents.stopped(sessionOf(), { hostId: 'ME', host: 'me' });
    expect(one.events).toHaveLength(1);
    one.close();
    seatEvents.stopped(sessionOf(), { hostId: 'ME', host: 'me' });
    expect(one.events).toHaveLength(1);
  });

  it('waits for a view that does not read', async () => {
    const { catalogue, handlers } = rig();
    let backlog = 9e9;
    const slow = view(() => backlog);
    handlers.subscribe({}, slow.call);
    catalogue.found(host(1));
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(slow.events).toEqual([]);
    backlog = 0;
    await until('the event', () => slow.events.length === 1);
    slow.close();
  });
});

describe('requireSame', () => {
  const key = { host: 'alpha', type: 'ssh-ed25519', fingerprint: 'SHA256:a', state: 'unknown' } as const;
  it('refuses to record another key than the user saw', () => {
    expect(() => requireSame('SHA256:b', key)).toThrow(expect.objectContaining({ code: 'host-key-changed' }));
    expect(() => requireSame('SHA256:a', key)).not.toThrow();
  });
});
