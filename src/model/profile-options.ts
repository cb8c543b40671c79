/** The options of a profile: what users can set, and where it goes in a command. */
import * as z from 'zod/mini';
import { Template } from './profile-command.ts';
import { Line, Pattern } from './profile-words.ts';

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
