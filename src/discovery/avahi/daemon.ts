/** Whether avahi-daemon runs, from the bus: it owns its name there. Also the calls to it and its signals. */

import type { Bus, BusSignal, OpenBus } from '../../kernel/bus.ts';
import type { Clock } from '../../kernel/clock.ts';
import { HotdeskError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/log.ts';

export const AVAHI = 'org.freedesktop.Avahi';
const DBUS = 'org.freedesktop.DBus';
const RETRY_MS = 5000;
const RETRY_MAX_MS = 300_000;

export interface AvahiDaemonParts {
  readonly open: OpenBus;
  readonly clock: Clock;
  readonly log: Logger;
}

export class AvahiDaemon {
  readonly #parts: AvahiDaemonParts;
  readonly #changed = new Set<(running: boolean) => void>();
  readonly #signals = new Set<(signal: BusSignal) => void>();
  #bus: Bus | undefined;
  /** The unique name of the daemon, so that nobody else's signals are taken for its. */
  #owner = '';
  /** Grows with each change that the bus has told. */
  #told = 0;
  #active = false;
  /** Grows with each start and stop: a bus that comes for an earlier one is not wanted any more. */
  #turn = 0;
  #retryMs = RETRY_MS;
  #cancelRetry = () => {};

  constructor(parts: AvahiDaemonParts) {
    this.#parts = parts;
  }

  get running(): boolean {
    return this.#owner !== '';
  }

  /** Its unique name, another one for each that is started; '' while none runs. What one made, no other has. */
  get owner(): string {
    return this.#owner;
  }

  /** Resolves when it is known whether the daemon runs. A bus that is not there is tried again, less and less often. */
  async start(): Promise<void> {
    this.#active = true;
    this.#turn += 1;
    await this.#connect();
  }

  stop(): void {
    this.#active = false;
    this.#turn += 1;
    this.#cancelRetry();
    this.#owner = '';
    const bus = this.#bus;
    this.#bus = undefined;
    bus?.close();
  }

  /** @returns what ends it */
  onChange(listener: (running: boolean) => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  /** Signals of the daemon. @returns what ends it */
  onSignal(listener: (signal: BusSignal) => void): () => void {
    this.#signals.add(listener);
    return () => this.#signals.delete(listener);
  }

  /** @throws HotdeskError `mdns-unavailable` where the daemon does not run; what the bus says */
  async call(
    path: string,
    kind: string,
    member: string,
    signature?: string,
    body?: readonly unknown[],
  ): Promise<readonly unknown[]> {
    const bus = this.#bus;
    if (!bus || !this.running) throw new HotdeskError('mdns-unavailable', 'avahi-daemon does not run.');
    // To the unique name: the well-known one would have the bus start a daemon that was stopped.
    return await bus.call({
      destination: this.#owner,
      path,
      interface: `${AVAHI}.${kind}`,
      member,
      signature,
      body,
    });
  }

  async #connect(): Promise<void> {
    const turn = this.#turn;
    let opened: Bus | undefined;
    try {
      const bus = await this.#parts.open();
      if (turn !== this.#turn) return bus.close();
      opened = bus;
      this.#bus = bus;
      // What was on its way when the bus was closed says nothing of what is now.
      bus.onSignal((signal) => {
        if (bus === this.#bus) this.#receive(signal);
      });
      bus.onClose(() => this.#lost(bus));
      await this.#match(bus, `type='signal',sender='${DBUS}',member='NameOwnerChanged',arg0='${AVAHI}'`);
      await this.#match(bus, `type='signal',sender='${AVAHI}'`);
      this.#retryMs = RETRY_MS;
      const told = this.#told;
      const [owner] = await this.#ask(bus, 'GetNameOwner', AVAHI).catch(() => ['']);
      // A change that came together with the answer is newer.
      if (bus === this.#bus && told === this.#told) this.#own(typeof owner === 'string' ? owner : '');
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#parts.log.debug({ error: String(error) }, 'no system bus');
      // One that was there tries again as it is lost.
      if (opened) {
        opened.close();
        this.#lost(opened);
      } else this.#retry();
    }
  }

  #match(bus: Bus, rule: string): Promise<readonly unknown[]> {
    return this.#ask(bus, 'AddMatch', rule);
  }

  #ask(bus: Bus, member: string, argument: string): Promise<readonly unknown[]> {
    return bus.call({
      ...{ destination: DBUS, path: '/org/freedesktop/DBus', interface: DBUS },
      ...{ member, signature: 's', body: [argument] },
    });
  }

  #receive(signal: BusSignal): void {
    if (signal.sender === DBUS && signal.member === 'NameOwnerChanged') {
      const [name, , owner] = signal.body;
      if (name !== AVAHI) return;
      this.#told += 1;
      this.#own(typeof owner === 'string' ? owner : '');
    } else if (signal.sender === this.#owner) {
      for (const listener of this.#signals) listener(signal);
    }
  }

  #own(owner: string): void {
    if (owner === this.#owner) return;
    const wasRunning = this.running;
    this.#owner = owner;
    // A restart between two looks is a stop and a start: nothing of the old daemon's is left.
    if (wasRunning && owner !== '') for (const listener of [...this.#changed]) listener(false);
    for (const listener of [...this.#changed]) listener(this.running);
  }

  #lost(bus: Bus): void {
    if (bus !== this.#bus) return;
    this.#bus = undefined;
    this.#own('');
    this.#retry();
  }

  #retry(): void {
    if (!this.#active) return;
    this.#cancelRetry();
    this.#cancelRetry = this.#parts.clock.after(this.#retryMs, () => void this.#connect());
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
  }
}
