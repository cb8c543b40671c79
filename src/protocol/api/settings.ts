/** Settings and profiles. */
import * as z from 'zod/mini';
import { Problem } from '../../model/host.ts';
import { Name, Nothing, Options } from './words.ts';

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

export const SETTINGS = {
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
} as const;
