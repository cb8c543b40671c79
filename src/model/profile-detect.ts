/** What a profile says of programs: how they are found, and which versions cannot talk. */
import * as z from 'zod/mini';
import { Command } from './profile-command.ts';
import { Line, Pattern } from './profile-words.ts';

/** Programs that one side needs. */
export const Detect = z.strictObject({
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

export const HostDetect = z.extend(Detect, {
  /**
   * Starts it for a moment, where nothing else tells whether it runs there. By `exits`, `backend-missing` is
   * the answer no. Run before a start and for who asks what there is, once for a version; never for a list.
   */
  trial: z.optional(Command),
});

/** Versions of the two sides that cannot talk, whichever side has which: `>=6` and `<5`. */
export const VersionPair = z.strictObject({
  one: z.string().check(z.regex(/^(?:>=|<)\d+(?:\.\d+){0,2}$/u)),
  other: z.string().check(z.regex(/^(?:>=|<)\d+(?:\.\d+){0,2}$/u)),
  message: Line,
  hint: Line,
});
