import * as z from 'zod/mini';

export { SEAT_VARIABLES, seatOf } from './seat-of.ts';

const EnvValue = z.string().check(z.maxLength(4096));

/** A graphical login that registered with the agent of its machine. */
export const Seat = z.object({
  /** DISPLAY or WAYLAND_DISPLAY: unique on the machine. */
  id: z.string().check(z.maxLength(120)),
  kind: z.enum(['x11', 'wayland']),
  env: z.record(z.string(), EnvValue),
});
export type Seat = z.infer<typeof Seat>;
