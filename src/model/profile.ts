/**
 * What a profile file may say: how hotdesk drives one backend, as data. Commands are argv templates
 * (`{value}` fills one argument or a part of one; `{...value}` alone splices a list) or a fixed POSIX
 * shell script that gets its values as positional parameters, so no value ever becomes shell text.
 */
import * as z from 'zod/mini';
import { Command, KeyValues, Template } from './profile-command.ts';
import { Detect, HostDetect, VersionPair } from './profile-detect.ts';
import { Ended, Info, List, Watch } from './profile-listing.ts';
import { Migrate } from './profile-migrate.ts';
import { OptionSpec } from './profile-options.ts';
import { Connect, ViewerSpec } from './profile-viewing.ts';
import { Line, Name, Seconds } from './profile-words.ts';
import { SessionKind, Steals } from './session.ts';

export type { SessionFields, Watch } from './profile-listing.ts';
export type { MigrateStep } from './profile-migrate.ts';
export type { OptionSpec } from './profile-options.ts';
export type { ViewerSpec } from './profile-viewing.ts';

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
   * `{password}` in `stdin` of the commands of these and in `files` of a viewer, and nowhere else.
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
  /** Ends every viewer. `after: viewers` closes those of the machine that asks before, and it ends the others. */
  detach: z.optional(z.extend(Command, { after: z.optional(z.literal('viewers')) })),
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
