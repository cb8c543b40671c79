/**
 * The agent's API: what goes over its unix socket, one JSON value a line. The same API serves the
 * views on this machine (role `client`) and other machines' agents through SSH (role `peer`); who
 * may open the socket is decided by its file mode and by SSH.
 *
 * A connection opens with `Hello` both ways; then requests, each answered once by a `Reply`, with
 * `Progress` before it where it takes time, and `Event`s in between for who subscribed. Closing the
 * connection cancels what it asked for.
 */
import * as z from 'zod/mini';
import { SessionEnd } from '../model/session-end.ts';
import { APPS } from './api/apps.ts';
import { CONSOLES } from './api/consoles.ts';
import { LOOKING, Snapshot } from './api/looking.ts';
import { Inventory, PEERS } from './api/peers.ts';
import { SEATS, SeatEvent } from './api/seats.ts';
import { SESSIONS } from './api/sessions.ts';
import { SETTINGS } from './api/settings.ts';
import { PromptData, TRUST } from './api/trust.ts';
import { Party, SessionAt } from './api/words.ts';

export type { ConsoleLook } from './api/consoles.ts';
export { Cancel, Hello, Request, ServerMessage } from './api/frames.ts';
export type { Check, Snapshot, Status } from './api/looking.ts';
export type { Inventory } from './api/peers.ts';
export { SeatEvent, type TerminalResult } from './api/seats.ts';
export type { ActionResult } from './api/sessions.ts';
export type { ProfileOption, ProfileRow, ProofStep, SettingRow } from './api/settings.ts';
export type { PromptData, ScannedKey } from './api/trust.ts';
export type { Party, ViewMode } from './api/words.ts';
export { MESSAGE_LIMIT } from './limits.ts';

/** Every method: what it takes and what it answers. */
export const METHODS = {
  ...LOOKING,
  ...SESSIONS,
  ...CONSOLES,
  ...SEATS,
  ...TRUST,
  ...SETTINGS,
  ...APPS,
  ...PEERS,
} as const;

export type Method = keyof typeof METHODS;
export type Params<M extends Method> = z.infer<(typeof METHODS)[M]['params']>;
export type Result<M extends Method> = z.infer<(typeof METHODS)[M]['result']>;

/** Events to who subscribed. */
export const EVENTS = {
  /** To a view that attends: a call of its own waits for an answer. One at a time. */
  prompt: PromptData,
  /** The question is taken back: nobody waits for its answer any more. */
  'prompt.end': z.object({ id: z.string() }),
  catalogue: Snapshot,
  inventory: Inventory,
  /** To the seats that watch a session: a handover has begun or ended. */
  handover: z.extend(SessionAt, {
    phase: z.enum(['begin', 'done', 'failed']),
    /** Who has it then. */
    by: Party,
    /** Who asked for that, where it is another. */
    asked: z.optional(Party),
  }),
  /** To the peers that subscribed to the inventory: somebody stops a session of this host. */
  stopping: z.extend(SessionAt, { by: Party }),
  /** To the views that subscribed to the catalogue. */
  seat: SeatEvent,
  /** To the peers that subscribed to the inventory, and with its `ref` to the views: how a session ended. */
  ended: z.extend(SessionAt, { ref: z.optional(z.string()), end: SessionEnd }),
} as const;
export type EventName = keyof typeof EVENTS;
export type EventData<E extends EventName> = z.infer<(typeof EVENTS)[E]>;
