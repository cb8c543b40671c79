import * as z from 'zod/mini';

/** A viewer that this machine's agent runs. */
export const Viewer = z.object({
  id: z.string(),
  /** Full reference of the session that it shows. */
  ref: z.string(),
  hostKey: z.string(),
  backend: z.string(),
  localId: z.string(),
  /** Seat id, or `terminal` for a terminal that a CLI lent. */
  seat: z.string(),
  pid: z.optional(z.number()),
  /** Seconds since the epoch. */
  since: z.number(),
  /** `closing`: displaced by another seat, or told to end. */
  state: z.enum(['opening', 'shown', 'closing']),
});
export type Viewer = z.infer<typeof Viewer>;
