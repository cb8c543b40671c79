/**
 * Whether there is a panel that shows icons: org.kde.StatusNotifierWatcher on the session's bus, with
 * a host registered at it. Told by the bus; nothing polls.
 */
import type { Bus, BusSignal } from '../kernel/bus.ts';

export const WATCHER = {
  destination: 'org.kde.StatusNotifierWatcher',
  path: '/StatusNotifierWatcher',
  interface: 'org.kde.StatusNotifierWatcher',
} as const;

const DBUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
} as const;

/** Owner of the watcher's name, once a panel shows what is registered there; undefined: no panel. */
export type PanelOwner = string | undefined;

/**
 * Calls `onChange` with what is there now, and again after each change (another owner: another panel).
 * @throws HotdeskError when the bus refuses to tell
 */
export async function watchPanel(bus: Bus, onChange: (owner: PanelOwner) => void): Promise<void> {
  let told: PanelOwner | null = null;
  let asking = 0;
  const look = async () => {
    asking += 1;
    const mine = asking;
    const owner = await panelOn(bus);
    if (mine !== asking || owner === told) return;
    told = owner;
    onChange(owner);
  };
  bus.onSignal((signal) => {
    if (isNews(signal)) void look();
  });
  const rules = [
    `type='signal',sender='${DBUS.destination}',member='NameOwnerChanged',arg0='${WATCHER.destination}'`,
    `type='signal',interface='${WATCHER.interface}',path='${WATCHER.path}'`,
  ];
  for (const rule of rules) await bus.call({ ...DBUS, member: 'AddMatch', signature: 's', body: [rule] });
  await look();
}

function isNews({ interface: from, member, body }: BusSignal): boolean {
  if (member === 'NameOwnerChanged') return body[0] === WATCHER.destination;
  return from === WATCHER.interface && /^StatusNotifierHost/u.test(member);
}

async function panelOn(bus: Bus): Promise<PanelOwner> {
  try {
    const [owner] = await bus.call({
      ...DBUS,
      member: 'GetNameOwner',
      signature: 's',
      body: [WATCHER.destination],
    });
    return typeof owner === 'string' && (await hasHost(bus)) ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** A watcher that does not say is taken to show what it is given. */
async function hasHost(bus: Bus): Promise<boolean> {
  try {
    const [value] = await bus.call({
      ...{
        destination: WATCHER.destination,
        path: WATCHER.path,
        interface: 'org.freedesktop.DBus.Properties',
      },
      ...{ member: 'Get', signature: 'ss', body: [WATCHER.interface, 'IsStatusNotifierHostRegistered'] },
    });
    return variantValue(value) !== false;
  } catch {
    return true;
  }
}

/** What the bus library makes of a variant: [parsed signature, [value]]. */
export function variantValue(variant: unknown): unknown {
  const inner: unknown = Array.isArray(variant) ? variant[1] : undefined;
  return Array.isArray(inner) ? inner[0] : undefined;
}
