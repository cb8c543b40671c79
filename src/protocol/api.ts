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
import { Application } from '../model/application.ts';
import { Host, HostAddress, Problem } from '../model/host.ts';
import { Seat } from '../model/seat.ts';
import { HostSession, Session } from '../model/session.ts';
import { SessionEnd } from '../model/session-end.ts';
import { Viewer } from '../model/viewer.ts';

export { MESSAGE_LIMIT } from './limits.ts';

const Name = z.string().check(z.minLength(1), z.maxLength(300));
const Locale = z.string().check(z.maxLength(60));
const Options = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export const Hello = z.object({
  hotdesk: z.number(),
  version: z.string().check(z.maxLength(40)),
  role: z.enum(['client', 'peer', 'agent']),
  hostId: z.optional(z.string().check(z.maxLength(64))),
  host: z.optional(z.string().check(z.maxLength(255))),
});
export type Hello = z.infer<typeof Hello>;

export const Request = z.object({
  id: z.number(),
  method: z.string().check(z.maxLength(60)),
  params: z.optional(z.unknown()),
});
export type Request = z.infer<typeof Request>;

export const Cancel = z.object({ cancel: z.number() });

const ErrorShape = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.optional(z.string()),
  candidates: z.optional(z.array(z.string())),
});

/** What the agent sends: a reply, progress of a request, or an event. */
export const ServerMessage = z.union([
  z.object({ id: z.number(), result: z.unknown() }),
  z.object({ id: z.number(), error: ErrorShape }),
  z.object({ id: z.number(), progress: z.string() }),
  z.object({ event: z.string(), data: z.unknown() }),
]);
export type ServerMessage = z.infer<typeof ServerMessage>;

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

/** Who a session goes to or comes from, for people. */
export const Party = z.object({ hostId: z.string(), host: z.string(), user: z.optional(z.string()) });
export type Party = z.infer<typeof Party>;

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

const SessionAt = z.object({ backend: z.string(), localId: z.string() });

export const ViewMode = z.enum(['take', 'share', 'readonly']);
export type ViewMode = z.infer<typeof ViewMode>;

/** Where a viewer opens: a registered seat by id, the best one, or nowhere (the caller's terminal follows by `terminal.open`). */
const SeatChoice = z.optional(z.string().check(z.maxLength(120)));

export const StartParams = z.object({
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
export type StartParams = z.infer<typeof StartParams>;

export const AttachParams = z.object({
  ref: Name,
  mode: ViewMode,
  options: Options,
  seat: SeatChoice,
});
export type AttachParams = z.infer<typeof AttachParams>;

export const MoveParams = z.object({
  ref: Name,
  /** Host whose seat it opens at; undefined: here. */
  to: z.optional(Name),
  options: Options,
  seat: SeatChoice,
});
export type MoveParams = z.infer<typeof MoveParams>;

export const MigrateParams = z.object({
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
export type MigrateParams = z.infer<typeof MigrateParams>;

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

/** A `.vv` or `.rdp` file, or a URL, as base64. */
const ConsoleData = z.string().check(z.maxLength(100_000), z.regex(/^[A-Za-z0-9+/]*={0,2}$/u));

export const ConsoleLook = z.object({
  name: z.string(),
  /** Where it leads; empty for a socket of this machine. */
  host: z.string(),
  leftOut: z.array(z.string()),
  /** It says that its file is to be removed once it has been read. */
  once: z.boolean(),
});
export type ConsoleLook = z.infer<typeof ConsoleLook>;

export const TerminalSize = z.object({
  columns: z.number().check(z.gte(1), z.lte(10_000)),
  rows: z.number().check(z.gte(1), z.lte(10_000)),
});

/** Asks for a session's terminal. */
export const TerminalParams = z.extend(TerminalSize, {
  ref: Name,
  mode: ViewMode,
  options: Options,
  term: z.string().check(z.maxLength(100), z.regex(/^[A-Za-z0-9._+-]*$/u)),
  /** An id that an emulator on a seat was started with, so that the agent knows its viewer. */
  viewerId: z.optional(z.string().check(z.maxLength(64))),
});
export type TerminalParams = z.infer<typeof TerminalParams>;

/** Either a unix socket of raw bytes, or (session on this machine) a command to run on the caller's own terminal. */
export const TerminalResult = z.object({
  viewerId: z.string(),
  socket: z.optional(z.string()),
  argv: z.optional(z.array(z.string())),
  env: z.optional(z.record(z.string(), z.string())),
  session: HostSession,
});
export type TerminalResult = z.infer<typeof TerminalResult>;

/** A key that a host presented, for the user to compare. */
export const ScannedKey = z.object({
  host: z.string(),
  type: z.string(),
  fingerprint: z.string(),
  /** `known`: recorded already; `changed`: another key is recorded; `revoked`. */
  state: z.enum(['unknown', 'known', 'changed', 'revoked']),
  /** Whether the host's advert claims this fingerprint; undefined where it claims none. */
  advertAgrees: z.optional(z.boolean()),
  /** Of a host that known_hosts names a certificate authority for: who vouches for the key, or why nobody does. For people. */
  certificate: z.optional(z.string()),
  /** It is the certificate for RDP, and its SHA-256 `aa:bb:…`. */
  isRdp: z.optional(z.boolean()),
});
export type ScannedKey = z.infer<typeof ScannedKey>;

export const Check = z.object({
  name: z.string(),
  state: z.enum(['ok', 'warning', 'failed', 'skipped']),
  detail: z.string(),
  hint: z.optional(z.string()),
});
export type Check = z.infer<typeof Check>;

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

export const SettingRow = z.object({
  key: z.string(),
  /** Not there: nothing is set, such as an option of a profile. */
  value: z.optional(z.unknown()),
  default: z.optional(z.unknown()),
  doc: z.string(),
});
export type SettingRow = z.infer<typeof SettingRow>;

export const ProfileRow = z.object({
  name: z.string(),
  title: z.string(),
  /** File that it came from. */
  file: z.string(),
  /** Kinds of sessions that it keeps: app, desktop, terminal, … */
  kinds: z.array(z.string()),
  can: z.array(z.string()),
  steals: z.string(),
  /** On this machine: version as host, version as viewer, or what is missing. */
  host: z.optional(z.string()),
  viewer: z.optional(z.string()),
  /** Why the profile is disabled. */
  problem: z.optional(Problem),
});
export type ProfileRow = z.infer<typeof ProfileRow>;

export const ProfileOption = z.object({
  name: z.string(),
  type: z.string(),
  choices: z.optional(z.array(z.union([z.string(), z.number()]))),
  default: z.union([z.string(), z.number(), z.boolean()]),
  /** What it takes, for people. */
  expects: z.optional(z.string()),
  doc: z.string(),
});
export type ProfileOption = z.infer<typeof ProfileOption>;

/** A step of `profiles.test`: what a profile says that it can, and what happened. */
export const ProofStep = z.object({
  step: z.string(),
  state: z.enum(['ok', 'failed']),
  detail: z.string(),
  ms: z.number(),
});
export type ProofStep = z.infer<typeof ProofStep>;

/** A question for a person: a password, a passphrase, what a server asks. All text is safe to show. */
export const PromptData = z.object({
  id: z.string(),
  kind: z.enum(['password', 'passphrase', 'keyboard-interactive', 'new-password']),
  /** The host that wants it, and the account there. */
  host: z.string(),
  user: z.string(),
  port: z.number(),
  /** The host that was asked for, where `host` is a jump host on the way to it. */
  on: z.optional(z.string()),
  title: z.string(),
  /** The server's words about it, or ''. Lines are separated by a newline; so too in `serverMessage`. */
  instruction: z.string(),
  prompts: z.array(z.object({ prompt: z.string(), echo: z.boolean() })),
  /** 1 for the first try. */
  attempt: z.number(),
  attempts: z.number(),
  /** The server's banner, or what is wrong with the last answer. */
  serverMessage: z.optional(z.string()),
  /** The key file that a passphrase is for. */
  subject: z.optional(z.string()),
});
export type PromptData = z.infer<typeof PromptData>;

const Nothing = z.object({});
const RefOnly = z.object({ ref: Name });

/** Every method: what it takes and what it answers. */
export const METHODS = {
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
  /** What a connection file says, and what of it would be obeyed. Nothing is opened. */
  'console.look': { params: z.object({ data: ConsoleData, options: Options }), result: ConsoleLook },
  'console.open': {
    params: z.object({ data: ConsoleData, options: Options, seat: SeatChoice }),
    result: ActionResult,
  },
  /** Logs in by RDP to a host that has it, as its certificate is recorded, and shows it at `seat`. */
  'console.host': {
    params: z.object({ host: Name, options: Options, seat: SeatChoice }),
    result: ActionResult,
  },
  'terminal.open': { params: TerminalParams, result: TerminalResult },
  'terminal.resize': { params: z.extend(TerminalSize, { viewerId: z.string() }), result: Nothing },
  'seat.register': { params: Seat, result: Nothing },
  /** `rdp`: its certificate, also where it has SSH. */
  'trust.scan': { params: z.object({ host: Name, rdp: z.optional(z.boolean()) }), result: ScannedKey },
  /** Records the key if the host still presents that fingerprint. */
  'trust.record': {
    params: z.object({ host: Name, fingerprint: z.string(), rdp: z.optional(z.boolean()) }),
    result: ScannedKey,
  },
  /** Ends the connection to a host of which nothing is shown here, and what is known by it. */
  'trust.leave': { params: z.object({ host: Name }), result: z.object({ left: z.boolean() }) },
  /** From now on what this connection calls may ask it: see the events `prompt` and `prompt.end`. */
  'prompts.attend': { params: Nothing, result: Nothing },
  /** One answer for each prompt. */
  'prompts.answer': {
    params: z.object({
      id: Name,
      answers: z.array(z.string().check(z.maxLength(4096))).check(z.maxLength(16)),
    }),
    result: Nothing,
  },
  /** The person does not answer. */
  'prompts.cancel': { params: z.object({ id: Name }), result: Nothing },
  doctor: { params: z.object({ host: z.optional(Name) }), result: z.object({ checks: z.array(Check) }) },
  'config.list': { params: Nothing, result: z.object({ path: z.string(), settings: z.array(SettingRow) }) },
  /** `value` undefined: back to the default. The value is JSON where it parses as such, else a string. */
  'config.set': { params: z.object({ key: Name, value: z.optional(z.string()) }), result: SettingRow },
  'profiles.list': {
    /** `probe: false`: as they were read last, without what is installed here. That costs nothing. */
    params: z.object({ probe: z.optional(z.boolean()) }),
    result: z.object({ profiles: z.array(ProfileRow) }),
  },
  /** `text` is the file as it is on disk. */
  'profiles.show': {
    params: z.object({ name: Name }),
    result: z.object({ profile: ProfileRow, text: z.string(), options: z.array(ProfileOption) }),
  },
  /** Checks a profile file's text; a bad one is the error `bad-profile`. */
  'profiles.check': {
    params: z.object({ file: z.string(), text: z.string().check(z.maxLength(1_000_000)) }),
    result: z.object({ profile: ProfileRow }),
  },
  /** Starts a session by a profile, does with it what the profile can, and ends it. */
  'profiles.test': {
    params: z.object({
      name: Name,
      host: Name,
      command: z.array(z.string()).check(z.maxLength(1000)),
      options: Options,
      seat: z.optional(z.string()),
    }),
    result: z.object({ steps: z.array(ProofStep) }),
  },
  /** The applications of a host (this machine without one), by name; those hidden by default are marked. */
  'apps.list': {
    params: z.object({
      host: z.optional(Name),
      locale: z.optional(Locale),
      /** Revision whose applications the caller has. */
      known: z.optional(z.string().check(z.maxLength(60))),
    }),
    /** Without `applications`: still those of the known revision. */
    result: z.object({
      revision: z.string().check(z.maxLength(60)),
      applications: z.optional(z.array(Application).check(z.maxLength(2000))),
    }),
  },
  /** Their icons for 48 pixels, base64; those that have none are not in the answer. */
  'apps.icons': {
    params: z.object({
      host: z.optional(Name),
      ids: z.array(z.string().check(z.maxLength(255))).check(z.maxLength(200)),
    }),
    result: z.object({
      icons: z.array(
        z.object({
          id: z.string(),
          type: z.enum(['png', 'svg']),
          data: z.string().check(z.maxLength(400_000)),
        }),
      ),
    }),
  },
  'agent.stop': { params: Nothing, result: Nothing },
  // Between agents.
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
