/**
 * This agent's relation to one other host: the SSH connection, the agent there if there is one, and
 * what it said last. Connects when somebody asks for the host, tries again while somebody does, and
 * lets go when nobody has for a while.
 */

import type { Answer } from '../catalogue/reduce.ts';
import { orAbort, throwIfAborted } from '../kernel/abort.ts';
import type { Clock } from '../kernel/clock.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import type { Host, HostState } from '../model/host.ts';
import type { Machine } from '../model/machine.ts';
import type { Session } from '../model/session.ts';
import type { Inventory } from '../protocol/api.ts';
import type { Caller } from '../protocol/caller.ts';
import type { Prompter } from '../ssh/ssh.ts';
import { noAnswer, whileAnswering } from './answering.ts';
import { Attempt } from './attempt.ts';
import { Besides, type Surveyed } from './besides.ts';
import { Doze } from './doze.ts';
import { Fresh } from './fresh.ts';
import { type Greeting, greetHost } from './greet-host.ts';
import { asleepError, failedAnswer, needsUser, pauseAfter, unheard } from './link-failure.ts';
import { type MeetDeps, meetAgent } from './meet-agent.ts';
import { type Connected, type Dial, reach } from './reach.ts';

export type { Connected };

export interface LinkDeps extends MeetDeps {
  readonly clock: Clock;
  /** The host's row as it is now; undefined when it is gone from the catalogue. */
  host(): Host | undefined;
  readonly dial: Dial;
  /** Sessions and backends of a host without an agent. */
  survey(machine: Machine, signal: AbortSignal): Promise<Surveyed>;
  /** Those by the user's own profiles, besides the backends that an agent there knows. */
  surveyOwn(machine: Machine, known: Inventory['backends'], signal: AbortSignal): Promise<Surveyed>;
  onAnswer(answer: Answer): void;
  /** The connection broke or failed: finders look again. */
  onTrouble(): void;
  /** The agent there is gone, or the way to it: no handover event will come. */
  onPeerLost(): void;
  /** How long nobody must have asked before the connection is let go, in ms. */
  readonly idleMs: number;
}

/** A host without an agent is asked for its sessions this often while somebody looks, in ms. */
const SURVEY_MS = 4000;
const SURVEY_LIMIT_MS = 15_000;

/** Connecting to it again is no news. */
const KNOWN: readonly HostState[] = ['agent', 'agentless', 'asleep'];

export class HostLink {
  readonly #deps: LinkDeps;
  #connected: Connected | undefined;
  /** What that agent was told last. */
  #told: { readonly peer: Caller; readonly text: string } | undefined;
  readonly #attempt = new Attempt((prompter) => this.#dial(prompter));
  #answer: Answer = { state: 'connecting', sessions: [] };
  /** Started through this link since the host was last asked. */
  readonly #fresh = new Fresh();
  /** What its agent said last, and what it has not the profiles for. */
  #inventory: Inventory | undefined;
  readonly #besides = new Besides();
  /** Grows with each word of its agent and each failure: a listing that was asked for before is older. */
  #news = 0;
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
    if (this.#connected || this.#attempt.isUnderWay) return;
    if (this.#wantedAt < this.#notBefore && !this.#doze.isBack(this.#deps.host())) return;
    this.connect().catch(() => {});
  }

  /**
   * The connection, made if need be.
   * @param prompter who is asked for passwords, for what a person does; undefined: nobody
   * @throws why the host cannot be used
   */
  connect(prompter?: Prompter): Promise<Connected> {
    this.#wantedAt = this.#deps.clock.now();
    return this.#attempt.join(prompter, () => this.#connected);
  }

  /** Asks the host for its sessions now. */
  async refresh(signal: AbortSignal): Promise<void> {
    const { peer, machine, greeting } = await this.connect();
    if (!peer) return this.#survey(machine, greeting, signal);
    // Of one that hangs for a while it is taken when it comes, though nobody waits for it then.
    const call = orAbort(peer.call('inventory', {}, { signal }), signal);
    const listed = call.then(async (inventory) => {
      await this.#lookBeside(machine, inventory, signal);
      return inventory;
    });
    const taken = this.#fresh.asked(listed).then((inventory) => this.#take(inventory));
    await whileAnswering(
      noAnswer(machine.name),
      () => this.announce('pulse'),
      signal,
      () => taken,
    );
  }

  /** The agent there, also one that came a moment ago; undefined where there is none. */
  async agent(): Promise<Caller | undefined> {
    const connected = await this.connect();
    if (!connected.peer) await this.#lookAgain(connected);
    return this.peer;
  }

  /** A session that was just started there, before the next listing has it. */
  add(session: Session): void {
    this.#fresh.add(session);
    this.#set({ ...this.#answer, sessions: this.#fresh.within(this.#answer.sessions) });
  }

  /**
   * Tells the host's agent which of its sessions are shown here, where that is news to it.
   * @param why `pulse`: news or not. Resolves when it has answered, or ended
   */
  async announce(why?: 'pulse'): Promise<void> {
    const { peer } = this;
    if (!peer || peer.closed) return;
    const viewers = this.#deps.viewers();
    const text = JSON.stringify(viewers);
    if (why === undefined && this.#told?.peer === peer && this.#told.text === text) return;
    this.#told = { peer, text };
    await peer.call('viewers.announce', { viewers }).catch(() => {});
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
    const connected = await reach(host, this.#deps.dial, prompter, async (machine, greeting, signal) => {
      const peer = await this.#meet(machine, greeting, signal);
      if (!peer) await this.#survey(machine, greeting, signal);
      else await this.#takeBeside(machine, signal);
      return peer;
    }).catch((error: unknown) => {
      throw this.#failed(toHotdeskError(error, 'host-unreachable'));
    });
    if (this.#ended) {
      // It was let go of meanwhile: nobody else would end the connection.
      letGo(connected);
      throw new HotdeskError('unknown-host', 'That host is gone.');
    }
    this.#failures = 0;
    this.#hold(connected);
    connected.machine.onClose(() => this.#lost(connected));
    this.#schedule();
    return connected;
  }

  /** From now on it counts, and so does the end of its agent, which may have ended while it was met. */
  #hold(connected: Connected): void {
    const { peer } = connected;
    this.#connected = connected;
    peer?.onClose(() => this.#agentGone(peer));
  }

  /** The agent there; undefined if there is none, or nobody answers any more. */
  async #meet(machine: Machine, { socket }: Greeting, signal: AbortSignal): Promise<Caller | undefined> {
    if (!socket) return undefined;
    return meetAgent(machine, socket, this.#deps, (inventory) => this.#take(inventory), signal);
  }

  #take(inventory: Inventory): void {
    this.#news += 1;
    this.#inventory = inventory;
    const { asleep = false } = inventory;
    const { sessions, backends } = this.#besides.beside(inventory);
    if (asleep) this.#doze.begin(this.#deps.host());
    else this.#doze.end();
    this.#set({
      state: asleep ? 'asleep' : 'agent',
      hostId: inventory.hostId,
      hostName: inventory.host,
      version: inventory.version,
      backends,
      // What the agent there said on its own may be older than what was started since.
      sessions: asleep ? unheard(sessions) : this.#fresh.within(sessions),
    });
  }

  /** Lists there what the user has profiles for and that agent has not. @returns whether that is news */
  async #lookBeside(machine: Machine, { backends }: Inventory, signal: AbortSignal): Promise<boolean> {
    try {
      return this.#besides.take(await this.#deps.surveyOwn(machine, backends, signal), backends);
    } catch (error) {
      // What its agent said is good all the same.
      if (!signal.aborted) this.#notListed(error);
      return false;
    }
  }

  async #takeBeside(machine: Machine, signal: AbortSignal): Promise<void> {
    if (!this.#inventory) return;
    // Its agent is not asked: what was started since, it may not have told of yet.
    const isNews = await this.#lookBeside(machine, this.#inventory, signal);
    // It may have said something since, or be gone.
    if (this.#inventory && isNews) this.#take(this.#inventory);
  }

  async #survey(machine: Machine, greeting: Greeting, signal: AbortSignal): Promise<void> {
    const before = this.#news;
    const { sessions, backends } = await this.#fresh.asked(this.#deps.survey(machine, signal));
    throwIfAborted(signal);
    // An agent came meanwhile, or the connection was lost: an agent says nothing again before it changes.
    if (this.#news !== before) return;
    this.#doze.end();
    this.#set({
      state: 'agentless',
      sessions: this.#fresh.within(sessions),
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
    this.#inventory = undefined;
    this.#besides.clear();
    // A connection that is lost says so itself: viewers may be seen through one that is only slow.
    this.#survey(connected.machine, connected.greeting, AbortSignal.timeout(10_000))
      .catch((error: unknown) => this.#notListed(error))
      .finally(() => this.#schedule());
  }

  #notListed(error: unknown): void {
    this.#deps.log.info({ err: String(error) }, 'listing a host over SSH failed');
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
    this.#news += 1;
    this.#failures += 1;
    const host = this.#deps.host();
    this.#deps.log.info({ host: host?.name, code: error.code }, error.message);
    const trust = needsUser(error);
    if (!trust) this.#deps.onTrouble();
    const isAsleep = !trust && this.#doze.lasts(host);
    if (!isAsleep) this.#doze.end();
    const told = isAsleep ? asleepError(host?.name ?? 'It', error) : error;
    this.#set(failedAnswer(this.#answer, told, isAsleep));
    const pause = pauseAfter(error, this.#failures);
    this.#notBefore = this.#deps.clock.now() + pause;
    if (trust) return told;
    this.#again(pause, () => {
      if (this.#isWanted()) this.connect().catch(() => {});
    });
    return told;
  }

  /** Periodic work of a standing connection: the agentless listing, a look for a new agent, letting go. */
  #schedule(): void {
    // Lost meanwhile: the timer is that of the next try.
    if (!this.#connected) return;
    this.#again(SURVEY_MS, async () => {
      const connected = this.#connected;
      if (!connected) return;
      if (!this.#isWanted() && this.#deps.viewers().length === 0) {
        this.#drop();
        return;
      }
      try {
        if (!connected.peer) await this.#lookAgain(connected);
        else if (this.state === 'agent') {
          await this.#takeBeside(connected.machine, AbortSignal.timeout(SURVEY_LIMIT_MS));
        }
      } catch (error) {
        this.#notListed(error);
      }
      this.#schedule();
    });
  }

  async #lookAgain(connected: Connected): Promise<void> {
    const signal = AbortSignal.timeout(SURVEY_LIMIT_MS);
    const greeting = await greetHost(connected.machine, signal);
    const peer = await this.#meet(connected.machine, greeting, signal);
    if (this.#connected !== connected) {
      peer?.close();
      return;
    }
    if (peer) this.#hold({ ...connected, peer, greeting });
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
    this.#inventory = undefined;
    this.#besides.clear();
    this.#fresh.clear();
    if (connected) letGo(connected);
  }
}

function letGo({ peer, machine }: Connected): void {
  peer?.close();
  machine.letGo();
}
