/** The chain of logins that are tried, in order, without ever asking anybody. */
import type { AnyAuthMethod, ParsedKey } from 'ssh2';
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { ResolvedTarget } from './target.ts';

export interface Prompt {
  readonly prompt: string;
  readonly echo: boolean;
}

/** One way to log in. */
export type Credential =
  | { readonly kind: 'key'; readonly label: string; readonly key: ParsedKey }
  | {
      readonly kind: 'agent';
      readonly label: string;
      readonly key: ParsedKey;
      readonly agentSocket: string;
    }
  /** `ask` answers undefined when there is no password to try. */
  | { readonly kind: 'password'; readonly label: string; readonly ask: () => Promise<string | undefined> }
  | {
      readonly kind: 'keyboard-interactive';
      readonly label: string;
      readonly answer: (prompts: readonly Prompt[]) => Promise<readonly string[]>;
    };

export interface Offer {
  readonly credentials: readonly Credential[];
  /** Why something that is configured is not offered, for the error. */
  readonly notes: readonly string[];
}

/** A source of credentials: keys (identities.ts); later password, keyring. Asked in order, when its turn comes. */
export interface AuthProvider {
  offers(target: ResolvedTarget, signal?: AbortSignal): Promise<Offer>;
}

/**
 * Keys offered on one connection. sshd closes it after MaxAuthTries failures, 6 unless configured
 * (sshd_config(5)); the next keys are offered on another connection.
 */
export const KEYS_PER_CONNECTION = 5;
/** A host that has refused this many connections' worth of keys is not asked further. */
export const LOGIN_CONNECTIONS = 3;

/** Walks the providers, over as many connections as it takes. */
export class AuthChain {
  readonly tried: string[] = [];
  readonly notes: string[] = [];
  readonly #target: ResolvedTarget;
  readonly #providers: AuthProvider[];
  readonly #queue: Credential[] = [];
  #asked = false;
  #left = KEYS_PER_CONNECTION;

  constructor(target: ResolvedTarget, providers: readonly AuthProvider[]) {
    this.#target = target;
    this.#providers = [...providers];
  }

  /** To be called for each connection: `none` is asked again, and keys are counted anew. */
  restart(): void {
    this.#asked = false;
    this.#left = KEYS_PER_CONNECTION;
  }

  /**
   * The next login to try.
   * @param allowed methods that the server would take; null before it said
   * @returns `again` when keys are left for another connection, `exhausted` when nothing is
   */
  async next(allowed: readonly string[] | null): Promise<AnyAuthMethod | 'again' | 'exhausted'> {
    const username = this.#target.user;
    if (!this.#asked) {
      // RFC 4252 §5.2: learns what the server takes, and is all that some servers want.
      this.#asked = true;
      return { type: 'none', username };
    }
    for (;;) {
      // What is not allowed now may be once another method has succeeded (AuthenticationMethods password,publickey).
      const at = this.#queue.findIndex(
        (credential) => !allowed || allowed.includes(protocolName(credential)),
      );
      const credential = this.#queue[at];
      if (!credential) {
        if (await this.#load()) continue;
        return 'exhausted';
      }
      const isKey = protocolName(credential) === 'publickey';
      if (isKey && this.#left === 0) return 'again';
      this.#queue.splice(at, 1);
      const method = await methodOf(credential, username);
      if (!method) continue;
      if (isKey) this.#left -= 1;
      this.tried.push(credential.label);
      return method;
    }
  }

  /** Whether another connection could offer anything. */
  async more(): Promise<boolean> {
    while (this.#queue.length === 0) if (!(await this.#load())) return false;
    return true;
  }

  failure(allowed: readonly string[] | null): HotdeskError {
    const { name, user } = this.#target;
    const tried = this.tried.length > 0 ? `Tried ${this.tried.join(', ')}.` : 'There was no key to try.';
    const notes = this.notes.length > 0 ? ` ${this.notes.join(' ')}` : '';
    const takes = allowed && allowed.length > 0 ? ` It takes ${sanitise(allowed.join(', '), 100)}.` : '';
    return new HotdeskError('auth-failed', `${name} does not let ${user} in. ${tried}${notes}${takes}`, {
      hint: this.notes.some((note) => note.includes('passphrase'))
        ? 'Load the key: ssh-add'
        : `Put your key on that machine: ssh-copy-id ${user}@${name}`,
    });
  }

  /** Asks the next provider; false when there is none. */
  async #load(): Promise<boolean> {
    const provider = this.#providers.shift();
    if (!provider) return false;
    const offer = await provider.offers(this.#target);
    this.#queue.push(...offer.credentials);
    this.notes.push(...offer.notes);
    return true;
  }
}

/** RFC 4252 §7 and §8, RFC 4256. */
function protocolName(credential: Credential): string {
  return credential.kind === 'key' || credential.kind === 'agent' ? 'publickey' : credential.kind;
}

async function methodOf(credential: Credential, username: string): Promise<AnyAuthMethod | undefined> {
  switch (credential.kind) {
    case 'key':
      return { type: 'publickey', username, key: credential.key };
    case 'agent': {
      const { default: ssh2 } = await import('ssh2');
      const agent = new ssh2.OpenSSHAgent(credential.agentSocket);
      // One key an attempt, so that the chain decides which and how many.
      agent.getIdentities = (callback) => callback(undefined, [credential.key]);
      return { type: 'agent', username, agent };
    }
    case 'password': {
      const password = await credential.ask();
      return password === undefined ? undefined : { type: 'password', username, password };
    }
    case 'keyboard-interactive':
      return {
        type: 'keyboard-interactive',
        username,
        prompt: (_name, _instructions, _language, prompts, finish) => {
          const questions = prompts.map((p) => ({ prompt: sanitise(p.prompt), echo: p.echo ?? false }));
          credential.answer(questions).then(
            (answers) => finish([...answers]),
            () => finish([]),
          );
        },
      };
  }
}
