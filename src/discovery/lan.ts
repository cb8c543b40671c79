/**
 * The hosts of this LAN: by listening to mDNS itself, or through Avahi where it cannot. Changes over
 * while it runs, and nobody flickers meanwhile: what was seen stays until the other finder has had
 * its time to see it too.
 */

import type { OpenBus } from '../kernel/bus.ts';
import { type Clock, systemClock } from '../kernel/clock.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { type Logger, silentLogger } from '../kernel/log.ts';
import { AvahiDaemon } from './avahi/daemon.ts';
import { AvahiFinder } from './avahi/finder.ts';
import type { Finder, FinderSink } from './finder.ts';
import { MdnsFinder, type MdnsFinderParts } from './mdns/finder.ts';

export interface LanFinderDeps {
  readonly clock?: Clock | undefined;
  readonly log?: Logger | undefined;
  /** How to reach the system bus; without it Avahi is not looked for. */
  readonly bus?: OpenBus | undefined;
  readonly mdns?: Partial<MdnsFinderParts> | undefined;
  /** Which of the two is used where both could be; `mdns` unless told. */
  readonly prefer?: Mode | undefined;
}

type Mode = 'mdns' | 'avahi';

export interface LanFinder extends Finder {
  /** What finds hosts just now; `none`: nothing can, and it is tried again. */
  readonly mode: Mode | 'none';
}

/** How long a finder that took over may need to see what the one before saw, in ms. */
const GRACE_MS = 6000;
/**
 * Where nothing finds hosts it is tried again, each time after twice as long, in ms. The first is short:
 * a daemon leaves the bus before it lets go of port 5353.
 */
const RETRY_MS = { first: 500, last: 10_000 };
/** What Avahi takes back may be its own end: so long it is waited for whether it is, in ms. */
const LEAVING_MS = 1500;

export function createLanFinder(deps: LanFinderDeps = {}): LanFinder {
  return new SwitchingFinder(deps);
}

class SwitchingFinder implements LanFinder {
  readonly name = 'mdns' as const;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #order: readonly Mode[];
  readonly #mdns: Partial<MdnsFinderParts>;
  readonly #daemon: AvahiDaemon | undefined;
  #sink: FinderSink | undefined;
  #current: Finder | undefined;
  /** Keys that were told, and whether the current finder has seen them itself. */
  readonly #told = new Map<string, boolean>();
  #work: Promise<void> = Promise.resolve();
  #cancelGrace = () => {};
  #cancelRetry = () => {};
  #retryMs = RETRY_MS.first;

  constructor(deps: LanFinderDeps) {
    this.#clock = deps.clock ?? systemClock;
    this.#log = deps.log ?? silentLogger;
    this.#order = deps.prefer === 'avahi' ? ['avahi', 'mdns'] : ['mdns', 'avahi'];
    this.#mdns = { clock: this.#clock, log: this.#log, ...deps.mdns };
    if (!deps.bus) return;
    this.#daemon = new AvahiDaemon({ open: deps.bus, clock: this.#clock, log: this.#log });
    this.#daemon.onChange(() => void this.#settleAnew());
  }

  get mode(): Mode | 'none' {
    const name = this.#current?.name;
    return name === 'mdns' || name === 'avahi' ? name : 'none';
  }

  async start(sink: FinderSink): Promise<void> {
    this.#sink = sink;
    // Where Avahi comes second it is asked for only if the first choice fails.
    if (this.#order[0] === 'avahi') await this.#lookForDaemon();
    await this.#settleAnew();
  }

  async stop(): Promise<void> {
    this.#sink = undefined;
    this.#cancelGrace();
    this.#cancelRetry();
    await this.#queue(async () => {
      await this.#current?.stop();
      this.#current = undefined;
      this.#daemonStarted = false;
      this.#daemon?.stop();
      this.#told.clear();
    });
  }

  suspect(key: string): void {
    this.#current?.suspect(key);
  }

  #daemonStarted = false;

  #queue(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.#log.warn({ error: String(error) }, 'discovery');
    });
    return this.#work;
  }

  /** After something has changed: what fails now may work in a moment. */
  #settleAnew(): Promise<void> {
    this.#retryMs = RETRY_MS.first;
    return this.#queue(() => this.#settle());
  }

  /** Uses the best finder that can be had. */
  async #settle(): Promise<void> {
    if (!this.#sink) return;
    this.#cancelRetry();
    let problem: HotdeskError | undefined;
    for (const mode of this.#order) {
      if (this.mode === mode && this.#works(mode)) break;
      const outcome = await this.#begin(mode);
      if (outcome === undefined) break;
      problem ??= outcome;
    }
    if (problem && this.#current && !this.#works(this.mode)) await this.#end();
    if (!problem) return;
    this.#sink.problem(problem);
    this.#cancelRetry = this.#clock.after(this.#retryMs, () => void this.#queue(() => this.#settle()));
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.last);
  }

  #works(mode: Mode | 'none'): boolean {
    if (mode === 'mdns') return !this.#mdnsFailed;
    return this.#current instanceof AvahiFinder && this.#current.works;
  }

  #mdnsFailed = false;

  /** @returns why not, or undefined when it finds now */
  async #begin(mode: Mode): Promise<HotdeskError | undefined> {
    const finder = mode === 'mdns' ? this.#newMdns() : await this.#newAvahi();
    if (!finder) return new HotdeskError('mdns-unavailable', 'avahi-daemon does not run.');
    this.#doubtAll();
    try {
      await finder.start(this.#through(mode));
    } catch (error) {
      if (mode === 'mdns') this.#mdnsFailed = true;
      for (const key of this.#told.keys()) this.#told.set(key, true);
      return toHotdeskError(error, 'mdns-unavailable');
    }
    const before = this.#current;
    this.#current = finder;
    if (mode === 'mdns') this.#mdnsFailed = false;
    this.#log.info({ mode }, 'discovery');
    await before?.stop();
    this.#dropDoubtedLater();
    return undefined;
  }

  #through(mode: Mode): FinderSink {
    return {
      found: (sighting) => {
        this.#told.set(sighting.key, true);
        // Under one name, so that what one of them found the other can replace and lose.
        this.#sink?.found({ ...sighting, finder: this.name });
      },
      lost: (key) => {
        if (!this.#told.has(key)) return;
        if (mode === 'mdns') this.#drop(key);
        else this.#dropUnlessLeaving(key);
      },
      problem: (error) => this.#sink?.problem(error),
    };
  }

  #drop(key: string): void {
    if (this.#told.delete(key)) this.#sink?.lost(key);
  }

  /** A daemon that ends takes its entries back before it leaves the bus: then the next finder has its say. */
  #dropUnlessLeaving(key: string): void {
    this.#told.set(key, false);
    this.#clock.after(LEAVING_MS, () => {
      if (this.mode === 'avahi' && this.#told.get(key) === false) this.#drop(key);
    });
  }

  async #end(): Promise<void> {
    const before = this.#current;
    this.#current = undefined;
    await before?.stop();
    this.#doubtAll();
    this.#dropDoubtedLater();
  }

  /** From now on everything has to be seen anew. */
  #doubtAll(): void {
    for (const key of this.#told.keys()) this.#told.set(key, false);
  }

  #dropDoubtedLater(): void {
    this.#cancelGrace();
    this.#cancelGrace = this.#clock.after(GRACE_MS, () => {
      for (const [key, seen] of [...this.#told]) {
        if (seen) continue;
        this.#drop(key);
      }
    });
  }

  async #lookForDaemon(): Promise<void> {
    if (this.#daemonStarted) return;
    this.#daemonStarted = true;
    await this.#daemon?.start();
  }

  #newMdns(): Finder {
    return new MdnsFinder({
      ...this.#mdns,
      onFailure: (error) => {
        this.#sink?.problem(error);
        this.#mdnsFailed = true;
        void this.#settleAnew();
      },
    });
  }

  async #newAvahi(): Promise<Finder | undefined> {
    await this.#lookForDaemon();
    if (!this.#daemon?.running) return undefined;
    return new AvahiFinder({ daemon: this.#daemon, clock: this.#clock, log: this.#log });
  }
}
