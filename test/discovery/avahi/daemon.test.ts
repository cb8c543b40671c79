import { expect, it } from 'vitest';
import { AVAHI, AvahiDaemon } from '../../../src/discovery/avahi/daemon.ts';
import type { Bus, BusSignal } from '../../../src/kernel/bus.ts';
import { silentLogger } from '../../../src/kernel/log.ts';
import { FakeClock } from '../mdns/crafted.ts';

const DBUS = 'org.freedesktop.DBus';

it.each([
  ['comes', '', ':1.9'],
  ['goes', ':1.9', ''],
])('is known to run or not where it %s while the bus is asked', async (_what, before, after) => {
  let tell: (signal: BusSignal) => void = () => {};
  const bus: Bus = {
    onSignal: (listener) => {
      tell = listener;
    },
    onClose: () => {},
    close: () => {},
    call: async ({ member }) => {
      if (member !== 'GetNameOwner') return [];
      const body = [AVAHI, before, after];
      // Read together with the answer, which is older.
      tell({ sender: DBUS, path: '/', interface: DBUS, member: 'NameOwnerChanged', body });
      return [before];
    },
  };
  const daemon = new AvahiDaemon({ open: async () => bus, clock: new FakeClock(), log: silentLogger });
  await daemon.start();
  expect(daemon.running).toBe(after !== '');
});

/** A bus on which the daemon has the name `owner`, and what the test has it say. */
function fakeBus(owner: string) {
  const state = { tell: (_signal: BusSignal) => {}, closed: 0 };
  const bus: Bus = {
    onSignal: (listener) => {
      state.tell = listener;
    },
    onClose: () => {},
    close: () => {
      state.closed += 1;
    },
    call: async ({ member }) => (member === 'GetNameOwner' ? [owner] : []),
  };
  const owned = (now: string) => {
    const body = [AVAHI, owner, now];
    state.tell({ sender: DBUS, path: '/', interface: DBUS, member: 'NameOwnerChanged', body });
  };
  return { bus, state, owned };
}

it('that was stopped is not brought back by what was on its way', async () => {
  const { bus, state, owned } = fakeBus(':1.9');
  const daemon = new AvahiDaemon({ open: async () => bus, clock: new FakeClock(), log: silentLogger });
  const told: boolean[] = [];
  daemon.onChange((running) => told.push(running));
  await daemon.start();
  daemon.stop();
  owned(':1.10');
  expect(daemon.running).toBe(false);
  expect(told).toEqual([true]);
  expect(state.closed).toBe(1);
});

it('keeps one bus where it is stopped and started again while the first is opened', async () => {
  const buses = [fakeBus(':1.9'), fakeBus(':1.9')];
  const waiting: (() => void)[] = [];
  let opened = 0;
  const open = async () => {
    const made = buses[opened];
    opened += 1;
    await new Promise<void>((resolve) => waiting.push(resolve));
    if (!made) throw new Error('one bus too many');
    return made.bus;
  };
  const daemon = new AvahiDaemon({ open, clock: new FakeClock(), log: silentLogger });
  const first = daemon.start();
  daemon.stop();
  const second = daemon.start();
  for (const go of waiting) go();
  await Promise.all([first, second]);
  expect(buses.map(({ state }) => state.closed)).toEqual([1, 0]);
  expect(daemon.running).toBe(true);
});
