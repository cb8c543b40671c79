/** One connection per user, host and port, shared by all who need that host. */
import { cancelled, orAbort, throwIfAborted } from '../kernel/abort.ts';
import { type Clock, systemClock } from '../kernel/clock.ts';
import { HotdeskError } from '../kernel/errors.ts';
import type { Prompter, SecretStore } from './auth/auth.ts';
import type { LoginMethod } from './auth/provider.ts';
import { directDialer, proxyDialer, streamDialer } from './connect.ts';
import type { SshConnection } from './connection.ts';
import { type LoginOptions, Logins, type Way } from './logins.ts';
import type { RelayRecipe } from './relay.ts';
import { resolveTarget, type SshEnvironment } from './ssh-config.ts';
import type { ResolvedTarget, SshTarget } from './target.ts';
import { type PresentedKey, scanThrough } from './trust.ts';

export interface PoolDeps extends SshEnvironment {
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
  /** What runs there may use our ssh-agent. Never for jump hosts; ssh's own ForwardAgent does not count. */
  readonly forwardAgent?: boolean | undefined;
  /** A connection of its own, which nobody shares and which the caller closes. */
  readonly fresh?: FreshLogin | undefined;
}

/** Narrows how a fresh connection logs in, within what ssh's configuration allows. */
export interface FreshLogin {
  /** Default: all. */
  readonly methods?: readonly LoginMethod[] | undefined;
  /** These key files alone, whether the ssh-agent holds them or not. */
  readonly identities?: readonly string[] | undefined;
  /** This key of the ssh-agent alone, by its public half (RFC 4253 §6.6), and no files. */
  readonly agentKey?: Buffer | undefined;
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
  scan(target: SshTarget, signal?: AbortSignal, prompter?: Prompter): Promise<PresentedKey>;
  /** Connections now open. */
  connections(): readonly SshConnection[];
  /** Closes all of them, and refuses further ones. */
  close(): Promise<void>;
}

const IDLE_MS = 10 * 60_000;

interface Entry {
  readonly pending: Promise<SshConnection>;
  readonly abort: AbortController;
  /** Who is asked while it is made. */
  readonly prompter: Prompter | undefined;
  waiters: number;
  connection: SshConnection | undefined;
  /** Key of the jump host's connection that it waits for, while it is made. */
  via: string | undefined;
}

/** How a connection is come to. */
interface Route extends LoginOptions {
  /** Keys of the connections that want it: a jump host must not lead back to one. */
  readonly trail: readonly string[];
  /** The jump hosts before it; undefined: as its configuration says. */
  readonly through?: readonly SshTarget[] | undefined;
}

export function createPool(deps: PoolDeps = {}): Pool {
  return new ConnectionPool(deps);
}

class ConnectionPool implements Pool {
  readonly #deps: PoolDeps;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** All that are open or being made, those of their own too. */
  readonly #all = new Set<Promise<SshConnection>>();
  readonly #closing = new AbortController();
  readonly #logins: Logins;

  constructor(deps: PoolDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    this.#logins = new Logins(deps);
  }

  connections(): readonly SshConnection[] {
    return [...this.#entries.values()].flatMap(({ connection }) => (connection?.isOpen ? [connection] : []));
  }

  async connect(target: SshTarget, { signal, prompter, forwardAgent, fresh }: ConnectOptions = {}) {
    if (!fresh) return this.#connect(target, { trail: [], prompter, forwardAgent }, signal);
    const resolved = await this.#resolve(target, signal);
    const { methods, identities, agentKey } = fresh;
    const identitiesOnly = agentKey === undefined || resolved.identitiesOnly;
    const narrowed =
      identities || agentKey
        ? { ...resolved, identityFiles: identities ?? [], certificateFiles: [], identitiesOnly }
        : resolved;
    const way = { trail: [], prompter, methods, agentKey, attended: true };
    const either = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]);
    return this.#keep(this.#make(narrowed, way, either));
  }

  async scan(target: SshTarget, signal?: AbortSignal, prompter?: Prompter): Promise<PresentedKey> {
    const resolved = await this.#resolve(target, signal);
    const way = await this.#way(resolved, { trail: [], prompter }, signal);
    try {
      return await scanThrough(resolved, way.dialer, signal);
    } finally {
      way.release();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(shutDown());
    for (const { abort } of this.#entries.values()) abort.abort(shutDown());
    await Promise.allSettled(
      [...this.#all].map(async (pending) => {
        const connection = await pending;
        connection.close();
        await connection.closed;
      }),
    );
  }

  async #connect(target: SshTarget, route: Route, signal?: AbortSignal): Promise<SshConnection> {
    throwIfAborted(signal);
    const { trail, through, prompter, forwardAgent: forward = false } = route;
    const resolved = await this.#resolve(target, signal);
    const jumps = through ?? resolved.jumps;
    const key = JSON.stringify([
      resolved.user,
      resolved.hostKey.primary,
      resolved.hostName,
      resolved.port,
      jumps,
      resolved.proxyCommand,
      forward,
    ]);
    if (this.#leadsTo(key, trail)) {
      throw new HotdeskError('bad-settings', `The ProxyJump of ${resolved.name} leads back to itself.`, {
        hint: `Look at it with: ssh -G ${resolved.name}`,
      });
    }
    const found = this.#entries.get(key);
    const entry = found ?? this.#begin(key, { ...resolved, jumps }, route);
    const before = this.#entries.get(trail.at(-1) ?? '');
    if (before) before.via = key;
    entry.waiters += 1;
    try {
      const connection = await orAbort(entry.pending, signal);
      if (connection.isOpen) {
        // It may have been about to be closed as idle, or let go.
        connection.lease()();
        return connection;
      }
      // Made for this caller: the next would end like it.
      if (!found) throw endedAtOnce(resolved.name);
    } catch (error) {
      // It failed for want of somebody to ask, or somebody else refused: this caller may still be asked.
      const isOurs = prompter === undefined || entry.prompter === prompter;
      if (isOurs || !(error instanceof HotdeskError) || error.code !== 'auth-failed') throw error;
    } finally {
      entry.waiters -= 1;
      // Nobody wants it any more.
      if (entry.waiters === 0 && !entry.connection) {
        this.#forget(key, entry);
        entry.abort.abort(cancelled(signal));
      }
    }
    // It broke a moment ago and is not swept up yet.
    this.#forget(key, entry);
    return this.#connect(target, route, signal);
  }

  async #resolve(target: SshTarget, signal?: AbortSignal): Promise<ResolvedTarget> {
    const resolved = await resolveTarget(target, this.#deps, signal);
    throwIfAborted(this.#closing.signal);
    return resolved;
  }

  /** Whether a connection is one of these, or is being made and waits for one: then none would ever come. */
  #leadsTo(key: string, trail: readonly string[]): boolean {
    for (let at: string | undefined = key; at !== undefined; ) {
      if (trail.includes(at)) return true;
      const entry: Entry | undefined = this.#entries.get(at);
      at = entry?.connection ? undefined : entry?.via;
    }
    return false;
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  #keep(pending: Promise<SshConnection>): Promise<SshConnection> {
    this.#all.add(pending);
    const forget = () => this.#all.delete(pending);
    pending.then((connection) => connection.onClose(forget), forget);
    return pending;
  }

  #begin(key: string, target: ResolvedTarget, route: Route): Entry {
    const abort = new AbortController();
    const pending = this.#keep(this.#make(target, { ...route, trail: [...route.trail, key] }, abort.signal));
    const { prompter } = route;
    const entry: Entry = { pending, abort, prompter, waiters: 0, connection: undefined, via: undefined };
    this.#entries.set(key, entry);
    const forget = () => this.#forget(key, entry);
    pending.then((connection) => {
      // Nobody waited for it any more, and it came all the same.
      if (this.#entries.get(key) !== entry) return connection.close();
      entry.connection = connection;
      connection.onClose(forget);
      this.#closeWhenIdle(connection);
    }, forget);
    return entry;
  }

  async #make(target: ResolvedTarget, route: Route, signal: AbortSignal): Promise<SshConnection> {
    return this.#logins.open(target, await this.#way(target, route, signal), route, signal);
  }

  async #way(target: ResolvedTarget, route: Route, signal?: AbortSignal): Promise<Way> {
    const last = target.jumps.at(-1);
    if (!last) {
      const dialer = target.proxyCommand ? proxyDialer(target) : directDialer(target);
      return { dialer, release: () => {} };
    }
    const before = target.jumps.slice(0, -1);
    const { trail, prompter, on = target.name } = route;
    // As ssh does: the first of the list by its own configuration, each further one through the one before.
    const through = before.length > 0 ? before : undefined;
    const via = await this.#connect(last, { trail, prompter, on, through }, signal);
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

function shutDown(): HotdeskError {
  return new HotdeskError('cancelled', 'hotdesk is shutting down.');
}

function endedAtOnce(name: string): HotdeskError {
  return new HotdeskError('connection-lost', `${name} closed the connection right after the login.`, {
    hint: 'Its log says why; a login by ssh shows whether it does so to everybody.',
  });
}
