/** What is done with a session. */
import * as z from 'zod/mini';
import { HostSession } from '../../model/session.ts';
import { Viewer } from '../../model/viewer.ts';
import { Locale, Name, Options, RefOnly, SeatChoice, ViewMode } from './words.ts';

const StartParams = z.object({
  host: Name,
  /** An application of the host instead of a command: its id or name. */
  app: z.optional(Name),
  /** Of the person who reads its name, as in LC_MESSAGES. */
  locale: z.optional(Locale),
  command: z.array(z.string().check(z.maxLength(65_536))).check(z.maxLength(1000)),
  backend: z.optional(Name),
  name: z.optional(z.string().check(z.maxLength(10_000))),
  kind: z.optional(z.enum(['app', 'desktop', 'terminal'])),
  options: Options,
  cwd: z.optional(z.string()),
  attach: z.boolean(),
  seat: SeatChoice,
});

const AttachParams = z.object({
  ref: Name,
  mode: ViewMode,
  options: Options,
  seat: SeatChoice,
});

const MoveParams = z.object({
  ref: Name,
  /** Host whose seat it opens at; undefined: here. */
  to: z.optional(Name),
  options: Options,
  seat: SeatChoice,
});

const MigrateParams = z.object({
  ref: Name,
  /** Host that it goes to. */
  to: Name,
  /** Bytes a second. */
  limit: z.optional(z.number().check(z.gte(1000), z.lte(1e12))),
  /** Start the same command there, and leave the session alone. */
  relaunch: z.boolean(),
  /** For what is relaunched. */
  seat: SeatChoice,
});

export const ActionResult = z.object({
  session: HostSession,
  viewer: z.optional(Viewer),
  /** The session wants a terminal: the caller opens it with `terminal.open` on its own. */
  wantsTerminal: z.optional(z.boolean()),
  /** Why a start took that backend, or what of a migration did not go as it should, in a sentence. */
  why: z.optional(z.string()),
  /** What of a connection file was not obeyed, in words. */
  leftOut: z.optional(z.array(z.string())),
  /** Milliseconds of each part, for --verbose and the benchmarks. */
  timings: z.optional(z.record(z.string(), z.number())),
});
export type ActionResult = z.infer<typeof ActionResult>;

export const SESSIONS = {
  start: { params: StartParams, result: ActionResult },
  attach: { params: AttachParams, result: ActionResult },
  move: { params: MoveParams, result: ActionResult },
  migrate: { params: MigrateParams, result: ActionResult },
  detach: { params: RefOnly, result: ActionResult },
  stop: { params: RefOnly, result: ActionResult },
  /** The session as it is called then: one line, shortened, and as its backend can have it. */
  rename: {
    params: z.object({ ref: Name, name: z.string().check(z.maxLength(20_000)) }),
    result: ActionResult,
  },
  info: {
    params: RefOnly,
    result: z.object({ session: HostSession, facts: z.record(z.string(), z.string()) }),
  },
  thumbnail: {
    params: RefOnly,
    /** PNG as base64, or a terminal's screen. */
    result: z.object({ session: HostSession, png: z.optional(z.string()), text: z.optional(z.string()) }),
  },
  execInto: {
    params: z.object({ ref: Name, command: z.array(z.string()).check(z.minLength(1)) }),
    result: ActionResult,
  },
} as const;
