/** The pieces of a profile that run and read: commands and parsers. */
import * as z from 'zod/mini';

/** Text with `{value}`, `{value|words}` (a list quoted as one line of POSIX words) and `{{` for a brace. */
export const Template = z.string().check(z.maxLength(2000));

/** `name`, `!name` or `name=value`, over values and options. */
export const Condition = z.string().check(z.regex(/^!?[a-zA-Z][\w.-]*(?:=[\w.-]*)?$/u));
export type Condition = z.infer<typeof Condition>;

/** One argument, or arguments that are there only if a condition holds. */
export const Arg = z.union([
  Template,
  z.strictObject({ when: Condition, args: z.array(Template).check(z.minLength(1), z.maxLength(50)) }),
]);
export type Arg = z.infer<typeof Arg>;

const Args = z.array(Arg).check(z.maxLength(200));

/** Exactly one of `argv` and `sh`. */
export const Command = z.strictObject({
  argv: z.optional(Args),
  /** POSIX shell text, never a template. It gets `args` as $1, $2, …. */
  sh: z.optional(z.string().check(z.minLength(1), z.maxLength(20_000))),
  args: z.optional(Args),
  env: z.optional(z.record(z.string().check(z.regex(/^[A-Za-z_]\w*$/u)), Template)),
  /** Its standard input; the one place of a command that may name what the user was asked for. */
  stdin: z.optional(Template),
  /** Seconds; default 30. */
  timeout: z.optional(z.number().check(z.gte(0.1), z.lte(600))),
});
export type Command = z.infer<typeof Command>;

const FieldName = z.string().check(z.regex(/^[a-zA-Z][\w-]*$/u));

/** One record a line: what follows `marker`, split at `separator`; the last field takes the rest. */
export const Lines = z.strictObject({
  format: z.literal('lines'),
  marker: z.string().check(z.minLength(1), z.maxLength(60)),
  separator: z.string().check(z.minLength(1), z.maxLength(8)),
  fields: z.array(FieldName).check(z.minLength(1), z.maxLength(40)),
});
export type Lines = z.infer<typeof Lines>;

/** `key=value` lines, those only that start with `marker` if there is one. The first of a key counts. */
export const KeyValues = z.strictObject({
  format: z.literal('key-values'),
  marker: z.optional(z.string().check(z.minLength(1), z.maxLength(60))),
});
export type KeyValues = z.infer<typeof KeyValues>;

/** One record, from the first match's named groups. */
const Regex = z.strictObject({
  format: z.literal('regex'),
  pattern: z.string().check(z.minLength(1), z.maxLength(500)),
});

/** One record: the first JSON object in the output; nested keys are joined by dots. */
const Json = z.strictObject({ format: z.literal('json') });

export const Output = z.discriminatedUnion('format', [KeyValues, Regex, Json]);
export type Output = z.infer<typeof Output>;
