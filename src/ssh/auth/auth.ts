/** The words of logging in: who is asked what, where secrets may be kept, how a way to log in looks. */
import type { ResolvedTarget } from '../target.ts';

/** One question of a request. Sanitised. */
export interface Prompt {
  readonly prompt: string;
  /** Whether what is typed may be seen. */
  readonly echo: boolean;
}

/**
 * What somebody is asked. All text is sanitised: it can be shown as it is.
 * - `password`: of the account. One prompt.
 * - `passphrase`: of the key file `subject`. One prompt. An empty answer passes the key over.
 * - `keyboard-interactive`: the server's own questions (RFC 4256), any number, at least one.
 * - `new-password`: the account's has expired; the answers are the new one, twice.
 */
export interface PromptRequest {
  readonly kind: 'password' | 'passphrase' | 'keyboard-interactive' | 'new-password';
  /** The host that wants it: a jump host's name where it is one. */
  readonly host: string;
  readonly user: string;
  readonly port: number;
  /** The host that was asked for, where `host` is a jump host on the way to it. */
  readonly on?: string | undefined;
  /** One line: what is wanted, and for what. */
  readonly title: string;
  /** The server's own words about it, or ''. Lines are separated by `\n`. */
  readonly instruction: string;
  readonly prompts: readonly Prompt[];
  /** 1 for the first try. */
  readonly attempt: number;
  readonly attempts: number;
  /** The server's banner, or what it said about the last try. Lines are separated by `\n`. */
  readonly serverMessage?: string | undefined;
  /** Path of the key file that a passphrase is for. */
  readonly subject?: string | undefined;
}

/** Asks a person. */
export interface Prompter {
  /**
   * As many answers as there are prompts; undefined: nobody answers, or somebody refused.
   * Rejects with `cancelled` when the signal aborts: the question is to be taken off the screen.
   */
  ask(request: PromptRequest, signal: AbortSignal): Promise<readonly string[] | undefined>;
}

/** What a password is kept for: the names as ssh's configuration resolved them. */
export interface Account {
  readonly user: string;
  readonly host: string;
  readonly port: number;
}

/** The user's keyring, where there is one. No method throws: what cannot be had is not there. */
export interface SecretStore {
  /** @param mayAsk whether the desktop may ask for the keyring's own password; if not, a locked one is passed over */
  get(account: Account, mayAsk: boolean): Promise<string | undefined>;
  /** @returns whether it is kept */
  set(account: Account, secret: string): Promise<boolean>;
  /** @returns whether there was one */
  delete(account: Account): Promise<boolean>;
}

/** The account that a target stands for in a SecretStore. */
export function accountOf(target: Pick<ResolvedTarget, 'user' | 'hostName' | 'port'>): Account {
  return { user: target.user, host: target.hostName.toLowerCase(), port: target.port };
}

/** What a server asks at once (RFC 4256 §3.2). Not sanitised. */
export interface Round {
  readonly name: string;
  readonly instruction: string;
  readonly prompts: readonly { readonly prompt: string; readonly echo?: boolean }[];
}
