/** The order in which ways to log in are tried, over as many connections as it takes. Pure but for its providers. */
import { type ErrorDetails, HotdeskError } from '../../kernel/errors.ts';
import { sanitise } from '../../kernel/text.ts';
import type { ResolvedTarget } from '../target.ts';
import type { Asker } from './asker.ts';
import type { Attempt, AuthProvider, Credential } from './provider.ts';

/**
 * Keys offered on one connection. sshd closes it after MaxAuthTries failures, 6 unless configured
 * (sshd_config(5)); the next keys are offered on another connection.
 */
export const KEYS_PER_CONNECTION = 5;
/**
 * A host that has refused this many connections' worth of keys is not offered further ones. Fewer where
 * somebody can be asked for a password: sshd 9.8 and later shuts out an address that fails too often
 * (PerSourcePenalties), and the password's turn must come before that.
 */
export const KEY_CONNECTIONS = { alone: 3, asking: 2 } as const;

/** The server let us in by nothing that we had. */
export class LoginRefused extends HotdeskError {
  /** The methods that it takes (RFC 4252 §5.1), of several that it wants the last one's; empty: it said nothing. */
  readonly takes: readonly string[];

  constructor(message: string, details: ErrorDetails, takes: readonly string[]) {
    super('auth-failed', message, details);
    this.takes = takes;
  }
}

export class AuthChain {
  readonly asker: Asker;
  readonly notes: string[] = [];
  readonly #target: ResolvedTarget;
  readonly #providers: AuthProvider[];
  /** What this login may be made of at all. */
  readonly #ways: ReadonlySet<string>;
  readonly #tried = new Map<string, number>();
  #queue: Credential[] = [];
  /** Asked for once, and may be again. The last one used comes first. */
  #again: Credential[] = [];
  /** Taken on this connection, where the server wants more than one (AuthenticationMethods). */
  #passed: Credential[] = [];
  #last: Credential | undefined;
  #askedNone = false;
  #keysLeft = KEYS_PER_CONNECTION;
  #keyConnections = 0;
  #keysTried = false;
  #refusals = 0;
  #closed = 0;
  #allowed: readonly string[] | undefined;

  constructor(target: ResolvedTarget, providers: readonly AuthProvider[], asker: Asker) {
    this.#target = target;
    this.#providers = inOrder(target, providers);
    this.#ways = new Set(providers.map(({ method }) => method));
    this.asker = asker;
  }

  /** What was tried, in order. */
  get tried(): readonly string[] {
    return [...this.#tried].map(([label, times]) => (times > 1 ? `${label} (${times} times)` : label));
  }

  /** Refusals on this connection: of which a server may have had enough. */
  get refusals(): number {
    return this.#refusals + (this.#last ? 1 : 0);
  }

  /** The way that was tried last: after the login, the one that worked. */
  get last(): Credential | undefined {
    return this.#last;
  }

  /** To be called for each connection: `none` is asked again, keys are counted anew, and what was taken in part is wanted again. */
  restart(): void {
    if (this.#last) this.#refused(this.#last);
    this.#last = undefined;
    this.#askedNone = false;
    this.#refusals = 0;
    const limit = this.asker.mayTry ? KEY_CONNECTIONS.asking : KEY_CONNECTIONS.alone;
    if (this.#keyConnections >= limit) this.#dropKeys();
    this.#keysLeft = KEYS_PER_CONNECTION;
    this.#queue.unshift(...this.#passed.splice(0));
  }

  /** The server ended the connection; `said` whether it told why. */
  closed(said: boolean): void {
    if (!said) this.#closed += 1;
  }

  /**
   * The next login to try.
   * @param allowed methods that the server would take; null before it said
   * @param partial the last one was taken, and another is wanted too
   * @returns `again` when keys are left for another connection, `exhausted` when nothing is
   */
  async next(allowed: readonly string[] | null, partial = false): Promise<Attempt | 'again' | 'exhausted'> {
    this.#settle(partial);
    // After some wrong passwords sshd with PAM names fewer than it takes.
    if (allowed && (partial || this.#refusals === 0)) this.#allowed = allowed;
    if (!this.#askedNone) {
      // RFC 4252 §5.2: learns what the server takes, and is all that some servers want.
      this.#askedNone = true;
      return { method: 'none' };
    }
    for (;;) {
      const from = this.#queue.some((c) => isAllowed(c, allowed)) ? this.#queue : this.#again;
      if (from === this.#again && (await this.#load())) continue;
      // What is not allowed now may be once another method has succeeded (AuthenticationMethods password,publickey).
      const at = from.findIndex((c) => isAllowed(c, allowed));
      const credential = from[at];
      if (!credential) return 'exhausted';
      if (credential.kind === 'publickey' && this.#keysLeft === 0) return 'again';
      from.splice(at, 1);
      const attempt = await attemptOf(credential);
      if (!attempt) continue;
      this.#count(credential);
      return attempt;
    }
  }

  /** Whether another connection could offer anything. */
  async more(): Promise<boolean> {
    this.restart();
    for (;;) {
      if (this.#queue.length > 0 || (this.#again.length > 0 && this.asker.mayTry)) return true;
      if (!(await this.#load())) return false;
    }
  }

  failure(): HotdeskError {
    const { name, user } = this.#target;
    const allowed = this.#allowed ?? [];
    const asks = allowed.some((method) => this.#couldAsk(method));
    const notes = [
      ...this.#triedNotes(allowed),
      ...this.notes,
      ...(this.asker.refused
        ? ['Nobody answered.']
        : asks && !this.asker.canAsk
          ? ['Nobody could be asked for a password.']
          : []),
      ...(this.#closed > 0 ? ['It closed the connection in the middle of that.'] : []),
      ...(allowed.length > 0 ? [`It takes ${sanitise(allowed.join(', '), 100)}.`] : []),
    ];
    const message = [`${name} does not let ${user} in.`, ...notes].join(' ');
    return new LoginRefused(message, { hint: this.#cure(asks, allowed) }, allowed);
  }

  #triedNotes(allowed: readonly string[]): string[] {
    if (this.#tried.size > 0) return [`Tried ${this.tried.join(', ')}.`];
    const { preferred } = this.#target;
    if (preferred && !this.#mayUse(allowed)) {
      return [`Your settings have it tried by ${preferred.join(', ')} alone (PreferredAuthentications).`];
    }
    return allowed.length === 0 || allowed.includes('publickey') ? ['There was no key to try.'] : [];
  }

  /** PreferredAuthentications leaves something of it. */
  #mayUse(allowed: readonly string[]): boolean {
    const { preferred } = this.#target;
    return !preferred || allowed.length === 0 || allowed.some((method) => preferred.includes(method));
  }

  #cure(asks: boolean, allowed: readonly string[]): string {
    const { name, user } = this.#target;
    if (!this.#mayUse(allowed)) return `Look at PreferredAuthentications in \`ssh -G ${name}\`.`;
    if (this.notes.some((note) => note.includes('passphrase'))) return 'Load the key: ssh-add';
    if (this.notes.some((note) => note.includes('a touch')))
      return `Ask for it yourself, and touch the key: hotdesk list ${name}`;
    if (asks) return `Set it up once, so that no password is needed: hotdesk setup ${name}`;
    const put = `Add your public key to ~${user}/.ssh/authorized_keys on that machine; \`hotdesk setup ${name}\` says which.`;
    if (!this.#keysTried) return put;
    // sshd says so in its own log alone.
    return `${put} Is it there? Then others may write to that file or a folder above it, and sshd ignores it (StrictModes): \`chmod go-w ~ ~/.ssh ~/.ssh/authorized_keys\` there.`;
  }

  #couldAsk(method: string): boolean {
    const { passwords, keyboardInteractive, preferred } = this.#target;
    if (!this.#ways.has(method) || (preferred && !preferred.includes(method))) return false;
    return (method === 'password' && passwords) || (method === 'keyboard-interactive' && keyboardInteractive);
  }

  #count(credential: Credential): void {
    this.#last = credential;
    this.#tried.set(credential.label, (this.#tried.get(credential.label) ?? 0) + 1);
    if (credential.kind !== 'publickey') return;
    this.#keysTried = true;
    if (this.#keysLeft === KEYS_PER_CONNECTION) this.#keyConnections += 1;
    this.#keysLeft -= 1;
  }

  #settle(partial: boolean): void {
    const last = this.#last;
    this.#last = undefined;
    if (!last) return;
    if (partial) {
      this.#passed.push(last);
      return;
    }
    this.#refusals += 1;
    this.#refused(last);
  }

  #refused(credential: Credential): void {
    if (credential.kind !== 'publickey' && credential.repeats && this.asker.mayTry)
      this.#again.unshift(credential);
  }

  #dropKeys(): void {
    const kept = this.#queue.filter((c) => c.kind !== 'publickey');
    const dropped = this.#queue.length - kept.length;
    this.#queue = kept;
    if (dropped > 0) this.notes.push(`${dropped} further keys were not offered.`);
  }

  /** Asks the next provider; false when there is none. */
  async #load(): Promise<boolean> {
    const provider = this.#providers.shift();
    if (!provider) return false;
    const offer = await provider.offers(this.#target, this.asker, this.asker.signal);
    this.#queue.push(...offer.credentials);
    this.notes.push(...offer.notes);
    return true;
  }
}

/** By PreferredAuthentications where the user has set it; of one method, as given. */
function inOrder(target: ResolvedTarget, providers: readonly AuthProvider[]): AuthProvider[] {
  const { preferred } = target;
  if (!preferred) return [...providers];
  const rank = ({ method }: AuthProvider) => preferred.indexOf(method);
  return providers.filter((p) => rank(p) >= 0).sort((a, b) => rank(a) - rank(b));
}

function isAllowed(credential: Credential, allowed: readonly string[] | null): boolean {
  return !allowed || allowed.includes(credential.kind);
}

async function attemptOf(credential: Credential): Promise<Attempt | undefined> {
  switch (credential.kind) {
    case 'publickey': {
      const identity = await credential.identity();
      return identity && { method: 'publickey', identity };
    }
    case 'password': {
      const password = await credential.ask();
      return password === undefined ? undefined : { method: 'password', password };
    }
    case 'keyboard-interactive': {
      const answer = credential.begin();
      return answer && { method: 'keyboard-interactive', answer };
    }
  }
}
