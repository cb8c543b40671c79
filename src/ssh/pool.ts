/** One connection per user, host and port, shared by all who need that host. */
import { cancelled, orAbort, throwIfAborted } from '../kernel/abort.ts';
import { type Clock, systemClock } from '../kernel/clock.ts';
import { HotdeskError } from '../kernel/errors.ts';
import type { Prompter, SecretStore } from './auth/auth.ts';
import type { AuthProvider } from './auth.ts';
import { connectLine, type Dialer, directDialer, proxyDialer, streamDialer } from './connect.ts';
import { SshConnection } from './connection.ts';
import { keyProvider, type PassphrasePrompt } from './identities.ts';
import type { RelayRecipe } from './relay.ts';
import { resolveTarget, type SshEnvironment } from './ssh-config.ts';
import type { ResolvedTarget, SshTarget } from './target.ts';
import { type PresentedKey, scanThrough } from './trust.ts';

export interface PoolDeps extends SshEnvironment {
  /** Asked for the passphrase of a key file; default: such keys are passed over. */
  readonly passphrase?: PassphrasePrompt | undefined;
  /** Tried after the keys, in order. */
  readonly providers?: readonly AuthProvider[] | undefined;
  /** Passwords that the user has had kept. */
  readonly secrets?: SecretStore | undefined;
  /** Tried before python3 and socat where sshd forbids forwarding. */
  readonly relays?: readonly RelayRecipe[] | undefined;
  /** A connection that nothing uses is closed after this; default 10 minutes. */
  readonly idleMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

export interface ConnectOptions {
  readonly signal?: AbortSignal | undefined;
  /** Who is asked for passwords and passphrases. Without one nobody is asked: for work in the background. */
  readonly prompter?: Prompter | undefined;
}

export interface Pool {
  /**
   * The connection to a target: the open one, the one being made, or a new one.
   * @throws HotdeskError as connectLine does; `bad-argument`, `bad-settings`, `not-supported`
   */
  connect(target: SshTarget, options?: ConnectOptions): Promise<SshConnection>;
  /**
   * The key that the target presents, reached as connect would (jump hosts included), without logging
   * in there. @throws as scanHostKey does
   */
  scan(target: SshTarget, signal?: AbortSignal): Promise<PresentedKey>;
  /** Connections now open. */
  connections(): readonly SshConnection[];
  /** Closes all of them, and refuses further ones. */
  close(): Promise<void>;
}

const IDLE_MS = 10 * 60_000;

interface Entry {
  readonly pending: Promise<SshConnection>;
  readonly abort: AbortController;
  waiters: number;
  connection: SshConnection | undefined;
}

export function createPool(deps: PoolDeps = {}): Pool {
  return new ConnectionPool(deps);
}

class ConnectionPool implements Pool {
  readonly #deps: PoolDeps;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  #closed = false;

  constructor(deps: PoolDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
  }

  connections(): readonly SshConnection[] {
    return [...this.#entries.values()].flatMap(({ connection }) => (connection ? [connection] : []));
  }

  async connect(target: SshTarget, options: ConnectOptions = {}) {
    return this.#connect(target, [], options.signal);
  }

  async scan(target: SshTarget, signal?: AbortSignal): Promise<PresentedKey> {
    const resolved = await resolveTarget(target, this.#deps, signal);
    const way = await this.#way(resolved, [], signal);
    try {
      return await scanThrough(resolved, way.dialer, signal);
    } finally {
      way.release();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const entries = [...this.#entries.values()];
    for (const { abort } of entries) abort.abort();
    await Promise.allSettled(
      entries.map(async ({ pending }) => {
        const connection = await pending;
        connection.close();
        await connection.closed;
      }),
    );
  }

  /** @param through the jump hosts before it; undefined: as its configuration says */
  async #connect(
    target: SshTarget,
    trail: readonly string[],
    signal?: AbortSignal,
    through?: readonly SshTarget[],
  ): Promise<SshConnection> {
    throwIfAborted(signal);
    const resolved = await resolveTarget(target, this.#deps, signal);
    const jumps = through ?? resolved.jumps;
    if (this.#closed) throw new HotdeskError('cancelled', 'hotdesk is shutting down.');
    const key = JSON.stringify([
      resolved.user,
      resolved.hostKey.primary,
      resolved.hostName,
      resolved.port,
      jumps,
      resolved.proxyCommand,
    ]);
    if (trail.includes(key)) {
      throw new HotdeskError('bad-settings', `The ProxyJump of ${resolved.name} leads back to itself.`, {
        hint: `Look at it with: ssh -G ${resolved.name}`,
      });
    }
    const entry = this.#entries.get(key) ?? this.#begin(key, { ...resolved, jumps }, trail);
    entry.waiters += 1;
    try {
      const connection = await orAbort(entry.pending, signal);
      if (connection.isOpen) return connection;
    } finally {
      entry.waiters -= 1;
      // Nobody wants it any more.
      if (entry.waiters === 0 && !entry.connection) entry.abort.abort(cancelled(signal));
    }
    // It broke a moment ago and is not swept up yet.
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    return this.#connect(target, trail, signal, through);
  }

  #begin(key: string, target: ResolvedTarget, trail: readonly string[]): Entry {
    const abort = new AbortController();
    const pending = this.#make(target, [...trail, key], abort.signal);
    const entry: Entry = { pending, abort, waiters: 0, connection: undefined };
    this.#entries.set(key, entry);
    const forget = () => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    };
    pending.then((connection) => {
      entry.connection = connection;
      connection.onClose(forget);
      this.#closeWhenIdle(connection);
    }, forget);
    return entry;
  }

  async #make(target: ResolvedTarget, trail: readonly string[], signal: AbortSignal): Promise<SshConnection> {
    const providers = () => [keyProvider(this.#deps.passphrase), ...(this.#deps.providers ?? [])];
    const { dialer, release } = await this.#way(target, trail, signal);
    try {
      const line = await connectLine(target, dialer, providers(), signal);
      void line.closed.then(release);
      return new SshConnection({
        target,
        line,
        dialSpare: () => connectLine(target, dialer, providers()),
        relays: this.#deps.relays,
      });
    } catch (error) {
      release();
      throw error;
    }
  }

  /** How to get a stream to the target's sshd. `release` when it is not needed any more. */
  async #way(
    target: ResolvedTarget,
    trail: readonly string[],
    signal?: AbortSignal,
  ): Promise<{ dialer: Dialer; release: () => void }> {
    const last = target.jumps.at(-1);
    if (!last) {
      const dialer = target.proxyCommand ? proxyDialer(target) : directDialer(target);
      return { dialer, release: () => {} };
    }
    const before = target.jumps.slice(0, -1);
    // As ssh does: the first of the list by its own configuration, each further one through the one before.
    const via = await this.#connect(last, trail, signal, before.length > 0 ? before : undefined);
    const endpoint = { kind: 'tcp', host: target.hostName, port: target.port } as const;
    return { dialer: streamDialer((aborted) => via.open(endpoint, aborted)), release: via.lease() };
  }

  #closeWhenIdle(connection: SshConnection): void {
    const idleMs = this.#deps.idleMs ?? IDLE_MS;
    let cancel: (() => void) | undefined;
    const watch = (inUse: boolean) => {
      cancel?.();
      cancel = inUse ? undefined : this.#clock.after(idleMs, () => connection.close());
    };
    connection.watchUse(watch);
    connection.onClose(() => cancel?.());
    watch(connection.inUse);
  }
}
