import * as z from 'zod/mini';

const EnvValue = z.string().check(z.maxLength(4096));

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

/** A graphical login that registered with the agent of its machine. */
export const Seat = z.object({
  /** DISPLAY or WAYLAND_DISPLAY: unique on the machine. */
  id: z.string().check(z.maxLength(120)),
  kind: z.enum(['x11', 'wayland']),
  env: z.record(z.string(), EnvValue),
});
export type Seat = z.infer<typeof Seat>;

/** The seat that an environment describes, or undefined where it has no display. X11 goes first, since every viewer speaks it. */
export function seatOf(env: Readonly<Record<string, string | undefined>>): Seat | undefined {
  const id = env['DISPLAY'] || env['WAYLAND_DISPLAY'];
  if (!id) return undefined;
  const kept: Record<string, string> = {};
  for (const name of SEAT_VARIABLES) {
    const value = env[name];
    if (value) kept[name] = value;
  }
  return { id, kind: env['DISPLAY'] ? 'x11' : 'wayland', env: kept };
}
