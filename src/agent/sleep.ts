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
/** logind waits for five seconds (InhibitDelayMaxSec); telling takes one at most, ms. */
const TELL_MS = 3000;
/** A bus that went away is tried again after this, ms. */
const RETRY_MS = 60_000;

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
    if (!this.#deps.isThere() || this.#ended) return;
    try {
      const bus = await this.#deps.open();
      this.#bus = bus;
      if (this.#ended) return this.stop();
      bus.onSignal((signal) => void this.#receive(bus, signal));
      bus.onClose(() => this.#lost());
      await ask(bus, 'AddMatch', RULE);
      if ((await this.#owner(bus)) !== undefined) this.#hold();
    } catch (error) {
      this.#deps.log.debug({ error: String(error) }, 'sleep of this machine is not told');
      this.#bus?.close();
    }
  }

  stop(): void {
    this.#ended = true;
    this.#cancelRetry();
    this.#release?.();
    this.#release = undefined;
    this.#bus?.close();
  }

  async #receive(bus: Bus, { sender, path, member, body: [begins] }: BusSignal): Promise<void> {
    if (path !== PATH || member !== 'PrepareForSleep' || typeof begins !== 'boolean') return;
    // Anybody can send a signal to us alone, past the rule.
    if (sender !== (await this.#owner(bus)) || this.#ended || begins === this.#isAsleep) return;
    this.#isAsleep = begins;
    this.#deps.log.info({ begins }, 'sleep');
    if (!begins) this.#hold();
    const told = this.#deps.tell().catch(() => {});
    if (!begins) return;
    const waited = new AbortController();
    await Promise.race([told, pause(TELL_MS, waited.signal).catch(() => {})]);
    waited.abort();
    this.#release?.();
    this.#release = undefined;
  }

  #hold(): void {
    this.#release ??= this.#deps.hold();
  }

  async #owner(bus: Bus): Promise<unknown> {
    const [owner] = await ask(bus, 'GetNameOwner', LOGIND).catch(() => []);
    return owner;
  }

  #lost(): void {
    this.#bus = undefined;
    if (this.#ended) return;
    this.#cancelRetry = this.#deps.clock.after(RETRY_MS, () => void this.start());
  }
}

function ask(bus: Bus, member: string, argument: string): Promise<readonly unknown[]> {
  return bus.call({
    ...{ destination: DBUS, path: '/org/freedesktop/DBus', interface: DBUS },
    ...{ member, signature: 's', body: [argument] },
  });
}
