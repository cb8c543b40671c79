/** What agents of two machines say to each other. */
import * as z from 'zod/mini';
import { HostAddress } from '../../model/host.ts';
import { Session } from '../../model/session.ts';
import { ActionResult } from './sessions.ts';
import { Nothing, Options, Party, SessionAt } from './words.ts';

/** What the host role tells a peer about itself. */
export const Inventory = z.object({
  hostId: z.string(),
  host: z.string(),
  version: z.string(),
  backends: z.record(z.string(), z.string()),
  sessions: z.array(Session),
  /** Seats that are registered here: where `move --to` can open a session. */
  seats: z.array(z.string()),
  /** It is about to sleep. */
  asleep: z.optional(z.boolean()),
});
export type Inventory = z.infer<typeof Inventory>;

export const PEERS = {
  inventory: { params: Nothing, result: Inventory },
  /** Like inventory, and from now on `inventory` events carry an Inventory after each change. */
  'inventory.subscribe': { params: Nothing, result: Inventory },
  /** The peer's viewers on sessions of this host: soft state, gone with the connection. */
  'viewers.announce': {
    params: z.object({
      viewers: z.array(z.extend(SessionAt, { viewerId: z.string() })).check(z.maxLength(1000)),
    }),
    result: Nothing,
  },
  /** Claims the handover of a session. `session-busy` when another one is under way. */
  'handover.begin': {
    params: z.extend(SessionAt, { by: Party, asked: z.optional(Party) }),
    result: z.object({ token: z.string() }),
  },
  /** `ok: false`, or the end of the connection: who watched before is asked to come back. */
  'handover.end': { params: z.object({ token: z.string(), ok: z.boolean() }), result: Nothing },
  /** The peer is about to stop a session of this host: its end will be no surprise. */
  'session.stopping': { params: z.extend(SessionAt, { by: Party }), result: Nothing },
  /** Opens a session of any host at a seat of this machine. */
  'seat.open': {
    params: z.extend(SessionAt, {
      host: z.object({
        hostId: z.optional(z.string()),
        name: z.string(),
        hostName: z.optional(z.string()),
        addresses: z.array(HostAddress),
        sshPort: z.optional(z.number()),
      }),
      options: Options,
      by: Party,
      /** `return`: put back a viewer that a failed handover ended. */
      reason: z.enum(['send', 'return']),
      /** Whoever sends it can be asked: where a password is wanted, that is the answer, and nothing has been done. */
      mayAsk: z.optional(z.boolean()),
      /** Of the user that the answer before named, for this once. */
      account: z.optional(
        z.object({
          user: z.string().check(z.maxLength(60)),
          password: z.string().check(z.minLength(1), z.maxLength(256)),
        }),
      ),
    }),
    result: z.extend(ActionResult, {
      /** The session's host wants the password of that user of it. */
      wantsPassword: z.optional(z.object({ user: z.string() })),
    }),
  },
} as const;
