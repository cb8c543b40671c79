/** Keys of hosts, and what a person is asked on the way to one. */
import * as z from 'zod/mini';
import { Name, Nothing } from './words.ts';

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

export const TRUST = {
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
} as const;
