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
