/**
 * This agent's relation to one other host: the SSH connection, the agent there if there is one, and
 * what it said last. Connects when somebody asks for the host, tries again while somebody does, and
 * lets go when nobody has for a while.
 */

import type { Answer } from '../catalogue/reduce.ts';
import type { Clock } from '../kernel/clock.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Host, HostState } from '../model/host.ts';
import type { Machine } from '../model/machine.ts';
import type { Session } from '../model/session.ts';
import type { EventData, Inventory, Params } from '../protocol/api.ts';
import { Caller } from '../protocol/caller.ts';
import type { Prompter } from '../ssh/ssh.ts';
import { Doze } from './doze.ts';
import { type Greeting, greetHost } from './greet-host.ts';
import { withPatience } from './patience.ts';

/** An SSH connection as the link uses it. */
export interface RemoteMachine extends Machine {
  onClose(listener: (error: Error | undefined) => void): void;
  close(): void;
  readonly login?: { readonly vouchedFor: string | undefined };
}

export interface LinkDeps {
  readonly me: { readonly hostId: string; readonly host: string };
  readonly clock: Clock;
  readonly log: Logger;
  /** The host's row as it is now; undefined when it is gone from the catalogue. */
  host(): Host | undefined;
  /** @param prompter who is asked for passwords; undefined: nobody */
  dial(host: Host, signal: AbortSignal, prompter: Prompter | undefined): Promise<RemoteMachine>;
  /** Sessions and backends of a host without an agent. */
  survey(
    machine: Machine,
    signal: AbortSignal,
  ): Promise<{ sessions: Session[]; backends: Record<string, string> }>;
  onAnswer(answer: Answer): void;
  /** The connection broke or failed: finders look again. */
  onTrouble(): void;
  onHandover(event: EventData<'handover'>): void;
  /** Somebody stops a session of that host. */
  onStopping(event: EventData<'stopping'>): void;
  /** How a session of that host ended. */
  onEnded(event: EventData<'ended'>): void;
  /** The agent there is gone, or the way to it: no handover event will come. */
  onPeerLost(): void;
  /** Viewers of this machine on that host's sessions. */
  viewers(): Params<'viewers.announce'>['viewers'];
  /** How long nobody must have asked before the connection is let go, in ms. */
  readonly idleMs: number;
}

export interface Connected {
  readonly machine: RemoteMachine;
  /** Undefined on a host without an agent. */
  readonly peer: Caller | undefined;
  readonly greeting: Greeting;
}

/** All of it, in ms; more than a server that stalls is given in ssh/line.ts, so that it is told where it did. */
const CONNECT_TIMEOUT_MS = 30_000;
const BACKOFF_MS = [1000, 2000, 5000, 10_000, 30_000];
/** A host that does not trust us, or we not it, is left alone this long unless the user asks, in ms. */
const TRUST_PAUSE_MS = 60_000;
/** A host without an agent is asked for its sessions this often while somebody looks, in ms. */
const SURVEY_MS = 4000;

/** Connecting to it again is no news. */
const KNOWN: readonly HostState[] = ['agent', 'agentless', 'asleep'];

export class HostLink {
  readonly #deps: LinkDeps;
  #connected: Connected | undefined;
  #connecting: { readonly done: Promise<Connected>; readonly prompter: Prompter | undefined } | undefined;
  #answer: Answer = { state: 'connecting', sessions: [] };
  /** Started through this link since the host was last asked. */
  readonly #fresh = new Set<Session>();
  #wantedAt = 0;
  #failures = 0;
  /** After a failure, nobody but the user makes it try again before this, ms. */
  #notBefore = 0;
  #cancelTimer: () => void = () => {};
  #ended = false;
  readonly #doze: Doze;

  constructor(deps: LinkDeps) {
    this.#deps = deps;
    this.#doze = new Doze(deps.clock, () => {
      if (!this.#connected && this.#answer.state === 'asleep') {
        this.#set({ ...this.#answer, state: 'unreachable', sessions: [] });
      }
    });
  }

  get state(): HostState {
    return this.#answer.state;
  }

  get peer(): Caller | undefined {
    return this.#connected?.peer;
  }

  /** Somebody is interested: keeps (or makes) the connection, without waiting for it. */
  want(): void {
    this.#wantedAt = this.#deps.clock.now();
    if (this.#connected || this.#connecting) return;
    if (this.#wantedAt < this.#notBefore && !this.#doze.isBack(this.#deps.host())) return;
    this.connect().catch(() => {});
  }

  /**
   * The connection, made if need be.
   * @param prompter who is asked for passwords, for what a person does; undefined: nobody
   * @throws why the host cannot be used
   */
  async connect(prompter?: Prompter): Promise<Connected> {
    this.#wantedAt = this.#deps.clock.now();
    for (;;) {
      if (this.#connected) return this.#connected;
      this.#connecting ??= {
        prompter,
        done: this.#dial(prompter).finally(() => {
          this.#connecting = undefined;
        }),
      };
      const { done, prompter: asked } = this.#connecting;
      try {
        return await done;
      } catch (error) {
        // Tried without anybody to ask, or by somebody else: this caller may still be asked.
        if (prompter === undefined || asked === prompter || toHotdeskError(error).code !== 'auth-failed') {
          throw error;
        }
      }
    }
  }

  /** Asks the host for its sessions now. */
  async refresh(signal: AbortSignal): Promise<void> {
    const { peer, machine, greeting } = await this.connect();
    if (!peer) return this.#survey(machine, greeting, signal);
    this.#take(await this.#asked(peer.call('inventory', {}, { signal })));
  }

  /** The agent there, also one that came a moment ago; undefined where there is none. */
  async agent(): Promise<Caller | undefined> {
    const connected = await this.connect();
    if (!connected.peer) await this.#lookAgain(connected);
    return this.peer;
  }

  /** The answer to a question knows of what was started before it, or that it has ended. */
  async #asked<T>(answer: Promise<T>): Promise<T> {
    const known = [...this.#fresh];
    const result = await answer;
    for (const session of known) this.#fresh.delete(session);
    return result;
  }

  /** A session that was just started there, before the next listing has it. */
  add(session: Session): void {
    this.#fresh.add(session);
    this.#set({ ...this.#answer, sessions: withFresh(this.#answer.sessions, [session]) });
  }

  /** Tells the host's agent which of its sessions are shown here. */
  announce(): void {
    const { peer } = this;
    if (!peer || peer.closed) return;
    peer.call('viewers.announce', { viewers: this.#deps.viewers() }).catch(() => {});
  }

  end(): void {
    this.#ended = true;
    this.#cancelTimer();
    this.#doze.end();
    this.#drop();
  }

  async #dial(prompter: Prompter | undefined): Promise<Connected> {
    const host = this.#deps.host();
    if (!host || this.#ended) throw new HotdeskError('unknown-host', 'That host is gone.');
    this.#cancelTimer();
    // A further try at a host that did not answer is no news, and nobody waits for it.
    if (this.#failures === 0 && !KNOWN.includes(this.#answer.state)) {
      this.#set({ ...this.#answer, state: 'connecting' });
    }
    const late = new HotdeskError(
      'timeout',
      `${host.name} did not answer within ${CONNECT_TIMEOUT_MS / 1000} s.`,
      {
        hint: `Run \`hotdesk doctor ${host.name}\`.`,
      },
    );
    try {
      const connected = await withPatience(CONNECT_TIMEOUT_MS, late, prompter, (signal, asking) =>
        this.#greet(host, signal, asking),
      );
      this.#failures = 0;
      this.#connected = connected;
      connected.machine.onClose(() => this.#lost(connected));
      this.#schedule();
      return connected;
    } catch (error) {
      throw this.#failed(toHotdeskError(error, 'host-unreachable'));
    }
  }

  async #greet(host: Host, signal: AbortSignal, prompter: Prompter | undefined): Promise<Connected> {
    const machine = await this.#deps.dial(host, signal, prompter);
    try {
      const greeting = await greetHost(machine, signal);
      const claimed = host.adverts[0]?.hostId;
      if (claimed && greeting.hostId && claimed !== greeting.hostId) {
        throw new HotdeskError(
          'host-key-changed',
          `${host.name} is not the machine that its advert says it is.`,
          {
            hint: 'Another machine on this network advertises that name; look at `hotdesk hosts --json`.',
          },
        );
      }
      const peer = greeting.socket ? await this.#meet(machine, greeting.socket, signal) : undefined;
      const connected: Connected = { machine, peer, greeting };
      if (!peer) await this.#survey(machine, greeting, signal);
      return connected;
    } catch (error) {
      machine.close();
      throw error;
    }
  }

  /** The agent at `socket`; undefined if nobody answers there any more. */
  async #meet(machine: RemoteMachine, socket: string, signal: AbortSignal): Promise<Caller | undefined> {
    let peer: Caller;
    try {
      const stream = await machine.open({ kind: 'unix', path: socket }, signal);
      peer = await Caller.open(stream, { role: 'peer', ...this.#deps.me });
    } catch (error) {
      const { code, message } = toHotdeskError(error);
      if (code === 'agent-version' || code === 'cancelled') throw error;
      this.#deps.log.info({ host: machine.name, code }, `no agent behind its socket: ${message}`);
      return undefined;
    }
    peer.on('inventory', (inventory) => this.#take(inventory));
    peer.on('handover', (event) => this.#deps.onHandover(event));
    peer.on('stopping', (event) => this.#deps.onStopping(event));
    peer.on('ended', (event) => this.#deps.onEnded(event));
    this.#take(await peer.call('inventory.subscribe', {}, { signal }));
    const viewers = this.#deps.viewers();
    if (viewers.length) await peer.call('viewers.announce', { viewers }, { signal });
    peer.onClose(() => this.#agentGone(peer));
    return peer;
  }

  #take(inventory: Inventory): void {
    const { asleep = false } = inventory;
    if (asleep) this.#doze.begin(this.#deps.host());
    else this.#doze.end();
    this.#set({
      state: asleep ? 'asleep' : 'agent',
      hostId: inventory.hostId,
      hostName: inventory.host,
      version: inventory.version,
      backends: inventory.backends,
      // What the agent there said on its own may be older than what was started since.
      sessions: asleep ? unheard(inventory.sessions) : withFresh(inventory.sessions, [...this.#fresh]),
    });
  }

  async #survey(machine: Machine, greeting: Greeting, signal: AbortSignal): Promise<void> {
    const { sessions, backends } = await this.#asked(this.#deps.survey(machine, signal));
    this.#doze.end();
    this.#set({
      state: 'agentless',
      sessions: withFresh(sessions, [...this.#fresh]),
      backends,
      hostId: greeting.hostId,
      hostName: greeting.host,
    });
  }

  #set(answer: Answer): void {
    if (this.#ended) return;
    this.#answer = answer;
    this.#deps.onAnswer(answer);
  }

  /** The agent ended (or was killed) while SSH still stands: the host is driven without it. */
  #agentGone(peer: Caller): void {
    const connected = this.#connected;
    if (!connected || connected.peer !== peer || this.#ended) return;
    this.#deps.onTrouble();
    this.#deps.onPeerLost();
    this.#connected = { ...connected, peer: undefined };
    this.#survey(connected.machine, connected.greeting, AbortSignal.timeout(10_000)).then(
      () => this.#schedule(),
      (error: unknown) => {
        connected.machine.close();
        this.#failed(toHotdeskError(error, 'connection-lost'));
      },
    );
  }

  #lost(connected: Connected): void {
    if (this.#connected?.machine !== connected.machine || this.#ended) return;
    this.#drop();
    this.#deps.onTrouble();
    this.#deps.onPeerLost();
    const name = this.#deps.host()?.name ?? connected.machine.name;
    this.#failed(new HotdeskError('connection-lost', `The connection to ${name} was lost.`));
  }

  /** @returns what to tell whoever waits */
  #failed(error: HotdeskError): HotdeskError {
    this.#failures += 1;
    const host = this.#deps.host();
    this.#deps.log.info({ host: host?.name, code: error.code }, error.message);
    const trust = ['host-key-unknown', 'host-key-changed', 'host-key-revoked', 'auth-failed'].includes(
      error.code,
    );
    if (!trust) this.#deps.onTrouble();
    const isAsleep = !trust && this.#doze.lasts(host);
    if (!isAsleep) this.#doze.end();
    const told = isAsleep ? asleepError(host?.name ?? 'It', error) : error;
    const { code, message, hint } = told.toData();
    this.#set({
      ...(isAsleep ? this.#answer : { hostId: this.#answer.hostId, hostName: this.#answer.hostName }),
      state: isAsleep ? 'asleep' : trust ? 'untrusted' : 'unreachable',
      sessions: isAsleep ? unheard(this.#answer.sessions) : [],
      problem: { code, message, ...(hint ? { hint } : {}) },
    });
    if (trust) {
      this.#notBefore = this.#deps.clock.now() + TRUST_PAUSE_MS;
      return told;
    }
    const pause = BACKOFF_MS[Math.min(this.#failures, BACKOFF_MS.length) - 1] ?? 30_000;
    this.#notBefore = this.#deps.clock.now() + pause;
    this.#again(pause, () => {
      if (this.#isWanted()) this.connect().catch(() => {});
    });
    return told;
  }

  /** Periodic work of a standing connection: the agentless listing, a look for a new agent, letting go. */
  #schedule(): void {
    this.#again(SURVEY_MS, async () => {
      const connected = this.#connected;
      if (!connected) return;
      if (!this.#isWanted() && this.#deps.viewers().length === 0) {
        this.#drop();
        return;
      }
      try {
        if (!connected.peer) await this.#lookAgain(connected);
      } catch (error) {
        this.#deps.log.info({ err: String(error) }, 'listing a host without an agent failed');
      }
      this.#schedule();
    });
  }

  async #lookAgain(connected: Connected): Promise<void> {
    const signal = AbortSignal.timeout(15_000);
    const greeting = await greetHost(connected.machine, signal);
    const peer = greeting.socket ? await this.#meet(connected.machine, greeting.socket, signal) : undefined;
    if (this.#connected !== connected) {
      peer?.close();
      return;
    }
    if (peer) this.#connected = { ...connected, peer, greeting };
    else await this.#survey(connected.machine, greeting, signal);
  }

  #isWanted(): boolean {
    return this.#deps.clock.now() - this.#wantedAt < this.#deps.idleMs;
  }

  #again(ms: number, work: () => unknown): void {
    this.#cancelTimer();
    if (this.#ended) return;
    this.#cancelTimer = this.#deps.clock.after(ms, () => void work());
  }

  #drop(): void {
    const connected = this.#connected;
    this.#connected = undefined;
    this.#fresh.clear();
    connected?.peer?.close();
    connected?.machine.close();
  }
}

/** What runs on a host that sleeps, as it was. */
function unheard(sessions: readonly Session[]): Session[] {
  return sessions.map((session) => ({ ...session, stale: true }));
}

function asleepError(name: string, cause: HotdeskError): HotdeskError {
  return new HotdeskError('host-unreachable', `${name} is asleep.`, {
    hint: 'Wake it, and try again. What runs there goes on then.',
    cause,
  });
}

function withFresh(sessions: readonly Session[], fresh: readonly Session[]): readonly Session[] {
  const isFresh = (s: Session) => fresh.some((f) => f.backend === s.backend && f.localId === s.localId);
  return [...sessions.filter((s) => !isFresh(s)), ...fresh];
}
