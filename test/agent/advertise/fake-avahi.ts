/** A system bus with, or without, an avahi-daemon that does what the test has it do. */
import { AVAHI } from '../../../src/discovery/avahi/daemon.ts';
import type { BusCall, BusSignal, OpenBus } from '../../../src/kernel/bus.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';

export const STATE = { registering: 1, established: 2, collision: 3, failure: 4 } as const;
const DBUS = 'org.freedesktop.DBus';

type Called = Pick<BusCall, 'member' | 'path'> & { readonly body: readonly unknown[] };

export interface FakeAvahi {
  /** What a group that is committed comes to; undefined: nothing. */
  outcome: number | undefined;
  /** What a group is said to be before its path is told. */
  early: number | undefined;
  /** The group that was made last. */
  group: string;
  owner: string;
  readonly called: readonly Called[];
  members(): string[];
  /** Tells a group's state. */
  state(state: number, path?: string, sender?: string): void;
  /** The daemon has gone, come, or is another one. */
  owned(owner: string): void;
  readonly open: OpenBus;
}

export function fakeAvahi(isRunning = true): FakeAvahi {
  const listeners: ((signal: BusSignal) => void)[] = [];
  const called: Called[] = [];
  const avahi: FakeAvahi = {
    owner: isRunning ? ':1.7' : '',
    outcome: STATE.established,
    ...{ early: undefined, group: '', called },
    members: () => called.map(({ member }) => member),
    state(state, path = avahi.group, sender = avahi.owner) {
      tell({ sender, path, interface: `${AVAHI}.EntryGroup`, member: 'StateChanged', body: [state, ''] });
    },
    owned(owner) {
      const before = avahi.owner;
      avahi.owner = owner;
      const body = [AVAHI, before, owner];
      tell({ sender: DBUS, path: '/', interface: DBUS, member: 'NameOwnerChanged', body });
    },
    open: async () => ({
      call: async (call) => answer(call),
      onSignal: (listener) => void listeners.push(listener),
      onClose: () => {},
      close: () => {},
    }),
  };
  let groups = 0;
  const tell = (signal: BusSignal) => {
    for (const listener of listeners) listener(signal);
  };
  const answer = ({ destination, path, member, body = [] }: BusCall): readonly unknown[] => {
    if (destination === DBUS) return member === 'GetNameOwner' ? [avahi.owner] : [];
    if (destination !== avahi.owner) throw new HotdeskError('mdns-unavailable', 'nobody there');
    called.push({ member, path, body });
    if (member === 'EntryGroupNew') {
      groups += 1;
      avahi.group = `/Client0/EntryGroup${groups}`;
      if (avahi.early !== undefined) avahi.state(avahi.early);
      return [avahi.group];
    }
    if (member === 'Commit' && avahi.outcome !== undefined) avahi.state(avahi.outcome);
    return [];
  };
  return avahi;
}
