/**
 * What a profile file may say: how hotdesk drives one backend, as data. Commands are argv templates
 * (`{value}` fills one argument or a part of one; `{...value}` alone splices a list) or a fixed POSIX
 * shell script that gets its values as positional parameters, so no value ever becomes shell text.
 */
import * as z from 'zod/mini';
import { Arg, Command, Condition, KeyValues, Lines, Output, Template } from './profile-command.ts';
import { SessionKind, Steals } from './session.ts';

const Line = z.string().check(z.minLength(1), z.maxLength(500));
const Name = z.string().check(z.regex(/^[a-z][a-z0-9-]{0,39}$/u));
const Seconds = z.number().check(z.gte(0.1), z.lte(600));
const Field = z.string().check(z.regex(/^[a-zA-Z][\w-]{0,39}$/u));
const Pattern = z.string().check(z.minLength(1), z.maxLength(500));

/** The verbs that a backend may be able to do. Each needs its section, and each section its verb. */
export const Ability = z.enum([
  'start',
  'attach',
  'detach',
  'move',
  'share',
  'readonly',
  'stop',
  'rename',
  'thumbnail',
  'exec-into',
  'migrate',
]);
export type Ability = z.infer<typeof Ability>;

/** Programs that one side needs. */
const Detect = z.strictObject({
  /**
   * Looked up in PATH; the first that is not there is named. `one|other`: any of them will do; `one~text`: one
   * whose file holds that text.
   */
  programs: z.array(Line).check(z.minLength(1), z.maxLength(20)),
  version: z.strictObject({
    argv: z.array(Line).check(z.minLength(1), z.maxLength(10)),
    /** Its group `version` is the version. */
    pattern: Pattern,
    /** An older one counts as missing. */
    min: z.optional(z.string().check(z.regex(/^\d+(?:\.\d+){0,3}$/u))),
  }),
  /** Command that installs it, by the ID (or an ID_LIKE) of os-release(5); `any` for the rest. */
  install: z.record(Line, Line),
});

const HostDetect = z.extend(Detect, {
  /**
   * Starts it for a moment, where nothing else tells whether it runs there. By `exits`, `backend-missing` is
   * the answer no. Run before a start and for who asks what there is, once for a version; never for a list.
   */
  trial: z.optional(Command),
});

/** Versions of the two sides that cannot talk, whichever side has which: `>=6` and `<5`. */
const VersionPair = z.strictObject({
  one: z.string().check(z.regex(/^(?:>=|<)\d+(?:\.\d+){0,2}$/u)),
  other: z.string().check(z.regex(/^(?:>=|<)\d+(?:\.\d+){0,2}$/u)),
  message: Line,
  hint: Line,
});

/** Where an option goes in a command: for a boolean `on` and `off`, else `set` with `{value}`. */
const OptionArgs = z.strictObject({
  on: z.optional(z.array(Template)),
  off: z.optional(z.array(Template)),
  set: z.optional(z.array(Template)),
});

/** A setting that users can give with `-o name=value`. */
export const OptionSpec = z.strictObject({
  type: z.enum(['boolean', 'choice', 'number', 'text']),
  choices: z.optional(z.array(z.union([z.string(), z.number()])).check(z.minLength(1), z.maxLength(100))),
  min: z.optional(z.number()),
  max: z.optional(z.number()),
  /** What a text must match, whole. */
  pattern: z.optional(Pattern),
  default: z.union([z.string(), z.number(), z.boolean()]),
  /**
   * The value `fit` means the size of the screen that the session is opened on, as `1920x1080`; this
   * is what it means where nobody knows that.
   */
  fit: z.optional(z.string().check(z.regex(/^\d{2,5}x\d{2,5}$/u))),
  doc: Line,
  /** Arguments of `{...options}` in the start command. */
  start: z.optional(OptionArgs),
  /** Arguments of `{...options}` in the viewer's command. */
  view: z.optional(OptionArgs),
});
export type OptionSpec = z.infer<typeof OptionSpec>;

/** Fields of a session, each a template over what was parsed; an empty result means: not known. */
const SessionFields = z.strictObject({
  localId: z.optional(Template),
  name: z.optional(Template),
  title: z.optional(Template),
  command: z.optional(Template),
  startedAt: z.optional(Template),
  windows: z.optional(Template),
  pid: z.optional(Template),
  state: z.optional(Template),
  kind: z.optional(
    z.strictObject({ value: Template, map: z.record(z.string(), SessionKind), else: SessionKind }),
  ),
  /** Whose session it is, where a profile lists those of the profiles that extend it too. */
  backend: z.optional(z.strictObject({ value: Template, map: z.record(z.string(), Name), else: Name })),
  /** What a further viewer does, where that differs by session: a value of `steals`. */
  steals: z.optional(Template),
});
export type SessionFields = z.infer<typeof SessionFields>;

/** Who watches: `tag` is what hotdesk gave its own viewer, `host` what is known of any other. */
const WatcherFields = z.strictObject({ tag: z.optional(Template), host: z.optional(Template) });
export type WatcherFields = z.infer<typeof WatcherFields>;

const Start = z.strictObject({
  /** Picks the place, launches and returns at once; its output names the place. */
  launch: Command,
  /** The same values as `launch`, and what it put out: returns when the session can be used. */
  ready: Command,
  /** Leaves nothing of a start that failed or was cancelled, however far it had come. */
  undo: Command,
  output: KeyValues,
  localId: Template,
  /** Another try when the launch or the wait ends with this code of `exits`. */
  retry: z.optional(z.strictObject({ on: Line, times: z.int().check(z.gte(1), z.lte(20)) })),
  /** All of it, in seconds. */
  timeout: Seconds,
});

const List = z.strictObject({
  command: Command,
  output: Lines,
  session: SessionFields,
  watchers: z.optional(z.extend(WatcherFields, { output: Lines, localId: Template })),
});

const Info = z.strictObject({
  command: Command,
  output: Output,
  /** Listing asks again only when this, over a listed row, changes. Without it listing never asks. */
  key: z.optional(Template),
  /** Two templates that differ while a change is under way: asked again shortly. */
  settled: z.optional(z.tuple([Template, Template])),
  session: SessionFields,
  /** Keys `GROUP.FIELD` of the output, by a pattern with two groups, make one watcher a GROUP. */
  watchers: z.optional(z.extend(WatcherFields, { keys: Pattern })),
  facts: z.record(Line, Template),
});

/** What tells that a listing may have changed, cheaper than listing. */
const Watch = z.strictObject({
  /** Folders whose entries come and go with sessions. `~`, `{uid}`, `{user}` and `{runtime}` are filled. */
  folders: z.array(Line).check(z.maxLength(20)),
  /** Paths of unix sockets whose connections (in proc_net_unix) come and go with viewers: patterns. */
  sockets: z.array(Pattern).check(z.maxLength(20)),
  /** List anyway, this often at most. For what the above does not show. */
  everySeconds: z.number().check(z.gte(1), z.lte(3600)),
});
export type Watch = z.infer<typeof Watch>;

/** A unix socket; where its path is empty, a port of the host's loopback. */
const UnixEndpoint = z.strictObject({
  kind: z.literal('unix'),
  path: Template,
  port: z.optional(Template),
  /**
   * The viewer takes secrets for a port only: where there are any, it gets one of the loopback of its
   * own machine (`{port}`), to which nobody but its user is let in, and no socket.
   */
  secretsNeedPort: z.optional(z.boolean()),
});
const PtyEndpoint = z.strictObject({
  kind: z.literal('pty'),
  argv: z.array(Arg).check(z.minLength(1), z.maxLength(100)),
});

/**
 * A command that the viewer runs on the host by an ssh of its own, and the session with it: it is there
 * as long as its viewer, begins with it, and cannot be attached to.
 */
const SshEndpoint = z.strictObject({
  kind: z.literal('ssh'),
  argv: z.array(Arg).check(z.minLength(1), z.maxLength(100)),
});

/**
 * A file that the user was handed says where the viewer connects; it comes as a secret of its format. Such
 * a session is its viewer.
 */
const FileEndpoint = z.strictObject({ kind: z.literal('file') });

/** What the scripts of `start` recorded of a session's end. */
const Ended = z.strictObject({
  /** Puts out the record of the session `{localId}`, which is not listed any more, and forgets it. */
  command: Command,
  output: KeyValues,
  /** Seconds since the epoch; a record that is older than the session is not taken for its own. */
  at: Template,
  /** Exit code; less than zero: a signal's number. */
  code: Template,
  /** Name or number. */
  signal: Template,
  /** What it said last, line by line. */
  lines: z.array(Template).check(z.maxLength(5)),
});

/**
 * The steps by which a session goes to another host while it runs, each on one of the two, by values
 * that the ones before put out (`{folder}`), `{migrationId}`, `{limit}` (bytes a second), `{source}` and
 * `{target}` (names). The session runs in one place at most, whatever is lost on the way.
 */
const Migrate = z.strictObject({
  /** Source: whether it can go, and what the other side must know. `pending`: the id of an earlier one whose end nobody knows. */
  describe: Command,
  /**
   * Target: whether it can come; makes its place. Puts out `socket`, where it is received, and `view`, a
   * socket where its viewer finds it, if that can follow; `later`: `beat` says. On failure nothing is left.
   */
  receive: Command,
  /**
   * Source: begins when somebody connects to the socket that it puts out as `carry`. Where `follow` is
   * `yes`, what its viewer opens from now on leads to `view`; where it came by a port, that is `viewerPort`.
   */
  send: Command,
  /** Source, again and again: `state` (sending, sent, failed), `percent`, `why`, and `followed` when its viewer has. Without being asked it gives up. */
  look: Command,
  /**
   * Target, again and again: it is still wanted. Without being asked it drops what it has. Puts out
   * `viewPath` or `viewPort` (of the loopback), where its console is, once that is known.
   */
  beat: Command,
  /**
   * Target, once all of it is there: it runs there from now on. Puts out `id`, and `followed` (yes, no)
   * where the source cannot tell whether its viewer has. Can be asked again.
   */
  take: Command,
  /** Target: it never runs there. Refused where all of it is there, unless `sure` says that the source goes on. */
  drop: Command,
  /** Source: it goes on there; or puts out `gone`, where that has ended because all of it is at the target. Can be asked at any time. */
  cancel: Command,
  /** Source, after `take`: nothing is left of it. */
  leave: Command,
  output: KeyValues,
});
export type MigrateStep = Exclude<keyof z.infer<typeof Migrate>, 'output'>;

const Connect = z.strictObject({
  /**
   * Checks that the session is there and makes it ready for `{mode}`; its output fills the endpoint.
   * Not for `ssh` and `file`; the former's endpoint is filled by what the start put out.
   */
  prepare: z.optional(Command),
  /**
   * Runs while the viewer starts, of which nothing reaches the session before this has ended well:
   * for what takes a while, such as whether a password is right.
   */
  admit: z.optional(Command),
  /**
   * Tried before: it finds a session of hotdesk's own by `{localId}` alone, without the listing, and puts
   * out what `prepare` does. It fails where it finds none.
   */
  own: z.optional(Command),
  output: KeyValues,
  endpoint: z.discriminatedUnion('kind', [UnixEndpoint, PtyEndpoint, SshEndpoint, FileEndpoint]),
  /** Fields of the output that only `files` of a viewer may use: passwords, cookies, tickets. */
  secrets: z.optional(z.array(Field).check(z.minLength(1), z.maxLength(10))),
});

/** A program that shows a session on a seat, by preference. */
export const ViewerSpec = z.strictObject({
  seats: z.array(z.enum(['x11', 'wayland'])).check(z.minLength(1)),
  program: Line,
  /** How it can be opened; without: in every way that the profile can. */
  modes: z.optional(z.array(z.enum(['take', 'share', 'readonly'])).check(z.minLength(1))),
  /** Options that it cannot do: it is passed over where one of them is not at its default. */
  without: z.optional(z.array(Name).check(z.minLength(1), z.maxLength(50))),
  /** A text that the program's file holds: tells two versions apart that have the same name. */
  holds: z.optional(Line),
  argv: z.array(Arg).check(z.minLength(1), z.maxLength(200)),
  env: z.optional(z.record(Line, Template)),
  /**
   * Private files (0600) that are there as long as the viewer is, such as one with a password.
   * `{file.NAME}` is the path of one; it is not made, and has no path, when its content is empty or
   * `when`, over the same values and secrets, does not hold.
   * `until: shown`: it goes as soon as the session is on the screen.
   */
  files: z.optional(
    z.record(
      Field,
      z.union([
        z.strictObject({
          when: z.optional(Condition),
          text: Template,
          until: z.optional(z.literal('shown')),
        }),
        z.strictObject({
          when: z.optional(Condition),
          base64: Template,
          until: z.optional(z.literal('shown')),
        }),
      ]),
    ),
  ),
  /** A line of its output that means: on the screen. Without: when the listing shows this viewer. */
  ready: z.optional(Pattern),
  /** One that means: it is not let in by what it has, and would ask in its window or wait. */
  refused: z.optional(Pattern),
  /** One that means: it will show nothing, and would say so in its window. `(?<why>…)` is told. */
  fails: z.optional(Pattern),
  /** Files that it leaves when it is ended, each named by its process: `{pid}`, or `{pidHex}` in 16 digits. */
  leaves: z.optional(
    z
      .array(z.string().check(z.regex(/^\/(?:tmp|dev\/shm)\/[\w.-]{1,200}\{pid(?:Hex)?\}[\w.-]{0,200}$/u)))
      .check(z.minLength(1), z.maxLength(5)),
  ),
  timeout: Seconds,
});
export type ViewerSpec = z.infer<typeof ViewerSpec>;

export const Profile = z.strictObject({
  schema: z.literal(1),
  name: Name,
  /**
   * Another profile, from which everything is taken that this one does not say (`null`: nor shall it
   * have). The sessions of both are listed together, by either.
   */
  extends: z.optional(Name),
  title: Line,
  /** What `start` makes, by preference. */
  kinds: z.array(SessionKind).check(z.minLength(1), z.maxLength(5)),
  can: z.array(Ability).check(z.minLength(1)),
  /** What a further viewer that wants the session for itself does to the one before. */
  steals: Steals,
  detect: z.strictObject({ host: HostDetect, viewer: z.optional(Detect) }),
  versions: z.optional(z.array(VersionPair).check(z.maxLength(20))),
  /**
   * A password of the user's account there, which its start and each viewer need: what asks for it. It is
   * `{password}` in `stdin` of a command and in `files` of a viewer, and nowhere else.
   */
  asks: z.optional(z.strictObject({ password: Line })),
  options: z.record(Name, OptionSpec),
  /** What the exit codes of this profile's scripts mean, as error codes. */
  exits: z.record(z.string().check(z.regex(/^\d{1,3}$/u)), Line),
  start: z.optional(Start),
  list: List,
  info: z.optional(Info),
  /** How a session ended that nobody stopped. Without it that is not told. */
  ended: z.optional(Ended),
  watch: Watch,
  connect: z.optional(Connect),
  view: z.optional(z.array(ViewerSpec).check(z.maxLength(20))),
  detach: z.optional(Command),
  stop: z.optional(Command),
  /** Gives the session the name `{newName}`; its identifier stays. */
  rename: z.optional(Command),
  thumbnail: z.optional(z.strictObject({ kind: z.enum(['png', 'text']), command: Command })),
  'exec-into': z.optional(Command),
  /**
   * Puts out as `words` the words by which a session was started, each ended by a NUL, all of it in
   * base64; nothing where nobody knows. Without it sessions cannot be relaunched.
   */
  words: z.optional(z.strictObject({ command: Command, output: KeyValues })),
  migrate: z.optional(Migrate),
});
export type Profile = z.infer<typeof Profile>;
