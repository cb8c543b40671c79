/** Where sessions are shown: seats and terminals. */
import * as z from 'zod/mini';
import { Seat } from '../../model/seat.ts';
import { HostSession } from '../../model/session.ts';
import { Name, Nothing, Options, Party, ViewMode } from './words.ts';

const TerminalSize = z.object({
  columns: z.number().check(z.gte(1), z.lte(10_000)),
  rows: z.number().check(z.gte(1), z.lte(10_000)),
});

/** Asks for a session's terminal. */
const TerminalParams = z.extend(TerminalSize, {
  ref: Name,
  mode: ViewMode,
  options: Options,
  term: z.string().check(z.maxLength(100), z.regex(/^[A-Za-z0-9._+-]*$/u)),
  /** An id that an emulator on a seat was started with, so that the agent knows its viewer. */
  viewerId: z.optional(z.string().check(z.maxLength(64))),
});

/** Either a unix socket of raw bytes, or (session on this machine) a command to run on the caller's own terminal. */
export const TerminalResult = z.object({
  viewerId: z.string(),
  socket: z.optional(z.string()),
  argv: z.optional(z.array(z.string())),
  env: z.optional(z.record(z.string(), z.string())),
  session: HostSession,
});
export type TerminalResult = z.infer<typeof TerminalResult>;

/** What happened to the sessions of this machine's seats. */
export const SeatEvent = z.object({
  /** Opened here by another machine, taken to another machine, stopped by somebody's wish. */
  what: z.enum(['opened', 'taken', 'stopped']),
  /** Id of the seat that showed it or shows it; undefined: no seat of its own. */
  seat: z.optional(z.string()),
  ref: z.string(),
  name: z.string(),
  /** Host of the session. */
  host: z.string(),
  /** Who opened, has or stopped it. */
  by: Party,
  /** Who asked for it to be taken, where it is another. */
  asked: z.optional(Party),
  /** Where it was shown before it was opened here: the name of a host. */
  from: z.optional(z.string()),
});
export type SeatEvent = z.infer<typeof SeatEvent>;

export const SEATS = {
  'terminal.open': { params: TerminalParams, result: TerminalResult },
  'terminal.resize': { params: z.extend(TerminalSize, { viewerId: z.string() }), result: Nothing },
  'seat.register': { params: Seat, result: Nothing },
} as const;
