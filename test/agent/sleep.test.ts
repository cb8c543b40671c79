/** A sleep that is called off, and a bus or a logind that goes and comes back; beside sleep.real.test.ts. */
import { beforeEach, expect, it } from 'vitest';
import { Sleep } from '../../src/agent/sleep.ts';
import type { Bus, BusSignal } from '../../src/kernel/bus.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import { FakeClock } from '../discovery/mdns/crafted.ts';

const DBUS = 'org.freedesktop.DBus';
const LOGIND = 'org.freedesktop.login1';
const MINUTE = 60_000;
const turn = () => new Promise((resolve) => setImmediate(resolve));

let clock: FakeClock;
let owner: string;
/** How many locks are held. */
let held: number;
let told: boolean[];
let opened: number;
let known: (() => void)[] | undefined;
let isThere: boolean;
let refusal: Error | undefined;
let say: (signal: BusSignal) => void;
let hangUp: () => void;
let machine: Sleep;

beforeEach(() => {
  [clock, owner, held, told, opened, known] = [new FakeClock(), ':1.2', 0, [], 0, undefined];
  [isThere, refusal, hangUp] = [true, undefined, () => {}];
  machine = new Sleep({
    open: async () => {
      opened += 1;
      if (refusal) throw refusal;
      return bus();
    },
    isThere: () => isThere,
    hold: () => {
      held += 1;
      return () => {
        held -= 1;
      };
    },
    clock,
    log: silentLogger,
    tell: async () => {
      told.push(machine.isAsleep);
      if (known) await new Promise<void>((resolve) => known?.push(resolve));
    },
  });
});

function bus(): Bus {
  let isOpen = true;
  const closers: (() => void)[] = [];
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    for (const closer of closers) closer();
  };
  hangUp = close;
  return {
    call: async ({ member }) => {
      if (!isOpen) throw new Error('The system message bus is gone.');
      if (member === 'GetNameOwner' && owner === '') throw new Error('NameHasNoOwner');
      return member === 'GetNameOwner' ? [owner] : [];
    },
    onSignal: (listener) => {
      say = listener;
    },
    onClose: (listener) => void closers.push(listener),
    close,
  };
}

async function announce(begins: boolean): Promise<void> {
  const path = '/org/freedesktop/login1';
  say({ sender: owner, path, interface: `${LOGIND}.Manager`, member: 'PrepareForSleep', body: [begins] });
  await turn();
}

async function owned(now: string): Promise<void> {
  const body = [LOGIND, owner, now];
  owner = now;
  say({ sender: DBUS, path: '/', interface: DBUS, member: 'NameOwnerChanged', body });
  await turn();
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await turn();
}

it('that is called off before others know leaves logind asked to wait', async () => {
  await machine.start();
  known = [];
  await announce(true);
  expect(held).toBe(1);
  await announce(false);
  for (const go of known) go();
  await turn();
  expect(told).toEqual([true, false]);
  expect(machine.isAsleep).toBe(false);
  expect(held).toBe(1);
});

it('that ends without having begun changes nothing', async () => {
  await machine.start();
  await announce(false);
  expect(told).toEqual([]);
  expect(held).toBe(1);
});

it('is over where the bus goes that would say so, and logind is asked anew when that is back', async () => {
  await machine.start();
  await announce(true);
  expect([machine.isAsleep, held]).toEqual([true, 0]);
  hangUp();
  await turn();
  expect([machine.isAsleep, held]).toEqual([false, 0]);
  expect(told).toEqual([true, false]);
  await pass(MINUTE);
  expect(held).toBe(1);
  await announce(true);
  expect(told).toEqual([true, false, true]);
});

it('nobody waits for us while we hear nothing', async () => {
  await machine.start();
  expect(held).toBe(1);
  hangUp();
  expect(held).toBe(0);
});

it('is told again though the bus stays away for long, and its socket too', async () => {
  await machine.start();
  refusal = new Error('ECONNREFUSED');
  hangUp();
  await pass(MINUTE);
  expect(opened).toBe(2);
  isThere = false;
  await pass(2 * MINUTE);
  expect(opened).toBe(2);
  [isThere, refusal] = [true, undefined];
  await pass(4 * MINUTE);
  expect([opened, held]).toEqual([3, 1]);
  // And as soon as before when it goes again.
  hangUp();
  await pass(MINUTE);
  expect([opened, held]).toEqual([4, 1]);
});

it('is over where logind goes, and the next one is asked to wait', async () => {
  await machine.start();
  await announce(true);
  await owned('');
  expect([machine.isAsleep, held]).toEqual([false, 0]);
  await owned(':1.3');
  expect(held).toBe(1);
  await announce(true);
  expect(told).toEqual([true, false, true]);
});

it('leaves no lock where it is stopped in the middle of its start', async () => {
  const starting = machine.start();
  machine.stop();
  await starting;
  await turn();
  expect(held).toBe(0);
  await pass(100 * MINUTE);
  expect(opened).toBe(1);
});
