/**
 * This machine's sleep, as logind announces it on the system bus (org.freedesktop.login1(5)): others are
 * told before, and logind waits for that while it is asked to (a delay lock).
 */
import { sleep as pause } from '../kernel/abort.ts';
import type { Bus, BusSignal, OpenBus } from '../kernel/bus.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/log.ts';

const LOGIND = 'org.freedesktop.login1';
const DBUS = 'org.freedesktop.DBus';
const PATH = '/org/freedesktop/login1';
const RULE = `type='signal',sender='${LOGIND}',path='${PATH}',interface='${LOGIND}.Manager',member='PrepareForSleep'`;
/** Another logind asks nobody to wait, and says nothing of a sleep that the one before announced. */
const OWNER_RULE = `type='signal',sender='${DBUS}',member='NameOwnerChanged',arg0='${LOGIND}'`;
/** logind waits for five seconds (InhibitDelayMaxSec); telling takes one at most, ms. */
const TELL_MS = 3000;
/** A bus that went away is tried again after this, each time after twice as long, ms. */
const RETRY_MS = { first: 60_000, last: 960_000 } as const;

export interface SleepDeps {
  readonly open: OpenBus;
  /** Is there a system bus? Without one nothing is loaded. */
  isThere(): boolean;
  /** Makes logind wait; the answer ends that. */
  hold(): () => void;
  readonly clock: Clock;
  readonly log: Logger;
  /** It begins, or is over. Resolves when others know. */
  tell(): Promise<unknown>;
}

export class Sleep {
  readonly #deps: SleepDeps;
  #bus: Bus | undefined;
  #isAsleep = false;
  /** Grows with each beginning and end. */
  #turn = 0;
  #retryMs: number = RETRY_MS.first;
  /** There was a bus: there will be one again. */
  #wasThere = false;
  #release: (() => void) | undefined;
  #cancelRetry = () => {};
  #ended = false;

  constructor(deps: SleepDeps) {
    this.#deps = deps;
  }

  /** From the announcement to the end of the sleep. */
  get isAsleep(): boolean {
    return this.#isAsleep;
  }

  /** Never rejects: without logind the machine sleeps without a word. */
  async start(): Promise<void> {
    if (this.#ended) return;
    if (!this.#deps.isThere()) {
      if (this.#wasThere) this.#again();
      return;
    }
    this.#wasThere = true;
    let opened: Bus | undefined;
    try {
      const bus = await this.#deps.open();
      if (this.#ended) return bus.close();
      opened = bus;
      this.#bus = bus;
      bus.onSignal((signal) => void this.#receive(bus, signal));
      bus.onClose(() => this.#lost(bus));
      await ask(bus, 'AddMatch', RULE);
      await ask(bus, 'AddMatch', OWNER_RULE);
      const owner = await this.#owner(bus);
      if (bus !== this.#bus) return;
      this.#retryMs = RETRY_MS.first;
      if (owner !== undefined) this.#hold();
    } catch (error) {
      this.#deps.log.debug({ error: String(error) }, 'sleep of this machine is not told');
      opened?.close();
      this.#lost(opened);
    }
  }

  stop(): void {
    this.#ended = true;
    this.#cancelRetry();
    this.#letGo();
    const bus = this.#bus;
    this.#bus = undefined;
    bus?.close();
  }

  async #receive(bus: Bus, { sender, path, member, body }: BusSignal): Promise<void> {
    if (bus !== this.#bus) return;
    if (sender === DBUS && member === 'NameOwnerChanged' && body[0] === LOGIND) return this.#owned(body[2]);
    const [begins] = body;
    if (path !== PATH || member !== 'PrepareForSleep' || typeof begins !== 'boolean') return;
    // Anybody can send a signal to us alone, past the rule.
    if (sender !== (await this.#owner(bus)) || bus !== this.#bus || begins === this.#isAsleep) return;
    if (!begins) this.#hold();
    const turn = this.#turn + 1;
    const told = this.#is(begins);
    if (!begins) return;
    const waited = new AbortController();
    await Promise.race([told, pause(TELL_MS, waited.signal).catch(() => {})]);
    waited.abort();
    // Called off meanwhile: logind is to wait the next time too.
    if (turn === this.#turn) this.#letGo();
  }

  /** @returns resolves when others know */
  #is(asleep: boolean): Promise<unknown> {
    this.#isAsleep = asleep;
    this.#turn += 1;
    this.#deps.log.info({ begins: asleep }, 'sleep');
    return this.#deps.tell().catch(() => {});
  }

  #hold(): void {
    this.#release ??= this.#deps.hold();
  }

  #letGo(): void {
    this.#release?.();
    this.#release = undefined;
  }

  /** Whoever could say that it is over is gone: it is over, since this runs. And nobody waits for us in vain. */
  #unheard(): void {
    this.#letGo();
    if (this.#isAsleep) void this.#is(false);
  }

  #owned(owner: unknown): void {
    this.#unheard();
    if (typeof owner === 'string' && owner !== '') this.#hold();
  }

  async #owner(bus: Bus): Promise<unknown> {
    const [owner] = await ask(bus, 'GetNameOwner', LOGIND).catch(() => []);
    return owner;
  }

  #lost(bus: Bus | undefined): void {
    if (this.#ended || bus !== this.#bus) return;
    this.#bus = undefined;
    this.#unheard();
    this.#again();
  }

  #again(): void {
    this.#cancelRetry = this.#deps.clock.after(this.#retryMs, () => void this.start());
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.last);
  }
}

function ask(bus: Bus, member: string, argument: string): Promise<readonly unknown[]> {
  return bus.call({
    ...{ destination: DBUS, path: '/org/freedesktop/DBus', interface: DBUS },
    ...{ member, signature: 's', body: [argument] },
  });
}
