import * as z from 'zod/mini';

export const SessionKind = z.enum(['app', 'desktop', 'terminal', 'shadow', 'vm', 'console']);
export type SessionKind = z.infer<typeof SessionKind>;

/** What a further viewer that wants a session for itself does to the one before. */
export const Steals = z.enum(['displaces', 'shares', 'refused']);
export type Steals = z.infer<typeof Steals>;

/** Somebody looking at a session, as the backend tells it (its listing is the truth). */
export const Watcher = z.object({
  /** Host name (or host key) of the seat; undefined where the backend does not know. */
  host: z.optional(z.string()),
  /** hostId of the seat, where hotdesk opened the viewer. */
  hostId: z.optional(z.string()),
  /** hotdesk's id of the viewer, where hotdesk opened it. */
  viewerId: z.optional(z.string()),
});
export type Watcher = z.infer<typeof Watcher>;

/** Something that keeps running on a host without a viewer. */
export const Session = z.object({
  backend: z.string().check(z.maxLength(40)),
  /** The backend's own identifier: `100` for an xpra display, `3` for the tmux session $3. */
  localId: z.string().check(z.maxLength(120)),
  /** Sanitised; unique per host only by courtesy. */
  name: z.string().check(z.maxLength(160)),
  kind: SessionKind,
  title: z.optional(z.string().check(z.maxLength(400))),
  command: z.optional(z.string().check(z.maxLength(400))),
  /** Seconds since the epoch. */
  startedAt: z.optional(z.number()),
  watchers: z.array(Watcher),
  /** Windows now open in it, where the backend tells. */
  windows: z.optional(z.number()),
  pid: z.optional(z.number()),
  /** `dead`: the backend says that it cannot be used any more. */
  state: z.enum(['live', 'dead']),
  /** Where it differs from what the session's profile says. */
  steals: z.optional(Steals),
  /** The backend does not answer: this is what it said last. */
  stale: z.optional(z.boolean()),
});
export type Session = z.infer<typeof Session>;

/** A session and the host it is on. */
export const HostSession = z.extend(Session, { hostKey: z.string(), host: z.string(), ref: z.string() });
export type HostSession = z.infer<typeof HostSession>;
