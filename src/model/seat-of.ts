/** Free of schemas, so that a short command can register its seat without loading them. */

/** Variables of a graphical login that a viewer needs. Nothing else of the caller's environment is kept. */
export const SEAT_VARIABLES = [
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
  'XDG_SESSION_TYPE',
  'XDG_CURRENT_DESKTOP',
  'XDG_DATA_DIRS',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'XKB_DEFAULT_LAYOUT',
] as const;

interface SeatHere {
  id: string;
  kind: 'x11' | 'wayland';
  env: Record<string, string>;
}

/** The seat that an environment describes, or undefined where it has no display. X11 goes first, since every viewer speaks it. */
export function seatOf(env: Readonly<Record<string, string | undefined>>): SeatHere | undefined {
  const id = env.DISPLAY || env.WAYLAND_DISPLAY;
  if (!id) return undefined;
  const kept: Record<string, string> = {};
  for (const name of SEAT_VARIABLES) {
    const value = env[name];
    if (value) kept[name] = value;
  }
  return { id, kind: env.DISPLAY ? 'x11' : 'wayland', env: kept };
}
