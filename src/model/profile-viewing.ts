/** How a profile's session is shown: what is reached there, and by which program. */
import * as z from 'zod/mini';
import { Arg, Command, Condition, KeyValues, Template } from './profile-command.ts';
import { Field, Line, Name, Pattern, Seconds } from './profile-words.ts';

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

export const Connect = z.strictObject({
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
  /**
   * One that means, before that: it connects. For servers that do not bear that a viewer goes just then: it
   * is not ended until it shows, or 3 s have passed; after those it counts as shown.
   */
  connects: z.optional(Pattern),
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
