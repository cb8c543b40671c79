/** Where ways to log in come from, and what the chain makes of them. */
import type { ResolvedTarget } from '../target.ts';
import type { Asker } from './asker.ts';
import type { Round } from './auth.ts';

export type LoginMethod = 'publickey' | 'password' | 'keyboard-interactive';

/** A key of the user's, wherever its private half is. */
export interface Identity {
  /** By which the server is asked: RFC 4253 §6.6; of certificates, PROTOCOL.certkeys of OpenSSH. */
  readonly algorithm: string;
  /** Public key or certificate. */
  readonly blob: Buffer;
  /** The signature as SSH writes it (RFC 4253 §6.6). Rejects when it cannot be made. */
  sign(data: Buffer, hash: RsaHash | undefined): Promise<Buffer>;
}

/** For RSA keys, of which the server says what it takes (RFC 8332). */
export type RsaHash = 'sha1' | 'sha256' | 'sha512';

/** One way to log in. `label` names it in errors. */
export type Credential =
  /** `identity` answers undefined when it cannot be used after all. */
  | {
      readonly kind: 'publickey';
      readonly label: string;
      readonly identity: () => Promise<Identity | undefined>;
    }
  /** `ask` answers undefined when there is no password to try. */
  | {
      readonly kind: 'password';
      readonly label: string;
      /** Whether another one can be had after a wrong one. */
      readonly repeats: boolean;
      readonly ask: () => Promise<string | undefined>;
    }
  /** `begin` answers undefined when nobody is there to answer. */
  | {
      readonly kind: 'keyboard-interactive';
      readonly label: string;
      /** Whether the last exchange had a question: without one, the next would end like it. */
      readonly repeats: boolean;
      readonly begin: () => Answerer | undefined;
    };

/** Answers the rounds of one exchange. @throws HotdeskError `auth-failed` when nobody does */
export type Answerer = (round: Round) => Promise<readonly string[]>;

export interface Offer {
  readonly credentials: readonly Credential[];
  /** Why something that is configured is not offered, for the error. */
  readonly notes: readonly string[];
}

/** A source of credentials, asked once, when its turn comes. */
export interface AuthProvider {
  readonly method: LoginMethod;
  offers(target: ResolvedTarget, asker: Asker, signal?: AbortSignal): Promise<Offer>;
}

/** What is sent to the server next. */
export type Attempt =
  | { readonly method: 'none' }
  | { readonly method: 'publickey'; readonly identity: Identity }
  | { readonly method: 'password'; readonly password: string }
  | { readonly method: 'keyboard-interactive'; readonly answer: Answerer };
