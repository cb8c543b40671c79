/** What is shown: hosts, sessions, viewers and seats, how the agent itself is, and what is wrong. */
import * as z from 'zod/mini';
import { Host, Problem } from '../../model/host.ts';
import { Seat } from '../../model/seat.ts';
import { HostSession } from '../../model/session.ts';
import { Viewer } from '../../model/viewer.ts';
import { Name, Nothing } from './words.ts';

/** Everything a view shows. */
export const Snapshot = z.object({
  /** Key of this machine's row. */
  self: z.string(),
  hosts: z.array(Host),
  sessions: z.array(HostSession),
  viewers: z.array(Viewer),
  seats: z.array(Seat),
  /** How much there is in all, where the rows are the first of many. */
  totals: z.optional(
    z.object({
      hosts: z.number(),
      /** Sessions that nobody shows, that are shown elsewhere, and here. */
      detached: z.number(),
      elsewhere: z.number(),
      here: z.number(),
      /** Sessions of each host among the rows, by its key. */
      counts: z.record(z.string(), z.number()),
    }),
  ),
});
export type Snapshot = z.infer<typeof Snapshot>;

export const Status = z.object({
  version: z.string(),
  pid: z.number(),
  hostId: z.string(),
  host: z.string(),
  /** Seconds. */
  uptime: z.number(),
  socket: z.string(),
  log: z.string(),
  advertising: z.string(),
  discovery: z.string(),
  sessions: z.number(),
  viewers: z.number(),
  seats: z.array(z.string()),
  problems: z.array(Problem),
  rssBytes: z.number(),
});
export type Status = z.infer<typeof Status>;

export const Check = z.object({
  name: z.string(),
  state: z.enum(['ok', 'warning', 'failed', 'skipped']),
  detail: z.string(),
  hint: z.optional(z.string()),
});
export type Check = z.infer<typeof Check>;

export const LOOKING = {
  status: { params: Nothing, result: Status },
  /** `look`: connect to hosts that may be asked without a question, and wait up to `waitMs` for their sessions. */
  catalogue: {
    params: z.object({
      look: z.enum(['none', 'auto']),
      /** A host to look at whatever the rule for `auto` says. */
      host: z.optional(Name),
      waitMs: z.number().check(z.gte(0), z.lte(60_000)),
    }),
    result: Snapshot,
  },
  /** From now on `catalogue` events carry a whole Snapshot after each change (at most 10 a second). */
  subscribe: {
    params: z.object({
      /** Only so many rows, those first that one comes back to, and how much there is in all. */
      atMost: z.optional(
        z.object({
          hosts: z.number().check(z.gte(1), z.lte(10_000)),
          sessions: z.number().check(z.gte(1), z.lte(10_000)),
        }),
      ),
    }),
    result: Snapshot,
  },
  doctor: { params: z.object({ host: z.optional(Name) }), result: z.object({ checks: z.array(Check) }) },
  'agent.stop': { params: Nothing, result: Nothing },
} as const;
