/** What setup changes, as data: enough to take each back, whether or not it came to be made. */
import * as z from 'zod/mini';

const Path = z.string().check(z.minLength(1), z.maxLength(4096), z.startsWith('/'));
const Text = z.string().check(z.maxLength(20_000));
/** This machine, or the host that is set up. */
const Where = z.enum(['here', 'there']);
const Mode = z.int().check(z.gte(0), z.lte(0o7777));

export const Change = z.discriminatedUnion('kind', [
  /** Lines at the end of a file of lines; see line-edit.ts. */
  z.strictObject({
    kind: z.literal('lines'),
    where: Where,
    path: Path,
    lines: z.array(Text).check(z.minLength(1), z.maxLength(50)),
    newline: z.boolean(),
    existed: z.boolean(),
  }),
  /** A file that was not there before. `sha256` in hex: one that has been changed since is left alone. */
  z.strictObject({
    kind: z.literal('file'),
    where: Where,
    path: Path,
    sha256: z.string().check(z.length(64)),
  }),
  /** A file that was not there before, and that setup wrote to for another host too: goes when it is empty. */
  z.strictObject({ kind: z.literal('empty-file'), where: Where, path: Path }),
  /** A folder that was not there before: goes when it is empty again. */
  z.strictObject({ kind: z.literal('folder'), where: Where, path: Path }),
  /** A folder of hotdesk's own, with all that is in it. */
  z.strictObject({ kind: z.literal('tree'), where: Where, path: Path }),
  z.strictObject({ kind: z.literal('mode'), where: Where, path: Path, from: Mode, to: Mode }),
  /** A key that was handed to the running ssh-agent: its public blob as base64. */
  z.strictObject({ kind: z.literal('loaded-key'), blob: Text, socket: Path }),
  /** A systemd user unit that was enabled and started. */
  z.strictObject({ kind: z.literal('unit'), name: z.string().check(z.regex(/^[a-z][a-z.-]{0,60}$/u)) }),
  /** An agent that was started without a unit. */
  z.strictObject({ kind: z.literal('agent'), program: Path }),
  /** loginctl enable-linger. */
  z.strictObject({ kind: z.literal('linger') }),
  /** Told at the end, not taken back: other things may need them by then. */
  z.strictObject({ kind: z.literal('packages'), where: Where, remove: Text }),
  /** A password in the keyring. */
  z.strictObject({ kind: z.literal('secret'), user: Text, host: Text, port: z.number() }),
  /** A typed-in host in the agent's settings. */
  z.strictObject({ kind: z.literal('host'), name: Text }),
]);
export type Change = z.infer<typeof Change>;
