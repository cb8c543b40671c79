/** Publishes through Avahi where it runs, else by itself, and changes over when Avahi comes or goes. */
import type { Advertiser, Publication } from '../../discovery/advertiser.ts';
import { AvahiDaemon } from '../../discovery/avahi/daemon.ts';
import type { OpenBus } from '../../kernel/bus.ts';
import { type Clock, systemClock } from '../../kernel/clock.ts';
import { type HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import { type Logger, silentLogger } from '../../kernel/log.ts';
import { AvahiAdvertiser } from './avahi.ts';
import { EmbeddedAdvertiser, type EmbeddedParts } from './embedded.ts';
import { carriable } from './publication.ts';
import { checkPublication } from './records.ts';

export interface AdvertiserDeps {
  readonly clock?: Clock | undefined;
  readonly log?: Logger | undefined;
  /** How to reach the system bus; without it Avahi is not looked for. */
  readonly bus?: OpenBus | undefined;
  readonly embedded?: Partial<EmbeddedParts> | undefined;
}

export type AdvertiseMode = 'avahi' | 'embedded' | 'none';

export interface HostAdvertiser {
  /** `none`: not started, or nothing works just now. */
  readonly mode: AdvertiseMode;
  /** Whether avahi-daemon runs, as far as the bus tells. */
  readonly avahi: boolean;
  /** Why nothing is published, or not by Avahi although it runs. */
  readonly problem: HotdeskError | undefined;
  /** Resolves when it is announced, or when it is known that it cannot be now: it is tried again. @throws HotdeskError `bad-argument` */
  start(publication: Publication): Promise<void>;
  /** Changes the TXT alone; at most one packet a second. @throws HotdeskError `bad-argument` */
  update(txt: readonly Buffer[]): Promise<void>;
  /** Says goodbye. */
  stop(): Promise<void>;
}

const RETRY_MS = 10_000;

export function createAdvertiser(deps: AdvertiserDeps = {}): HostAdvertiser {
  return new SwitchingAdvertiser(deps);
}

class SwitchingAdvertiser implements HostAdvertiser {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #embeddedParts: Partial<EmbeddedParts>;
  readonly #daemon: AvahiDaemon | undefined;
  #publication: Publication | undefined;
  #current: AvahiAdvertiser | EmbeddedAdvertiser | undefined;
  #problem: HotdeskError | undefined;
  #work: Promise<void> = Promise.resolve();
  #cancelRetry = () => {};

  constructor(deps: AdvertiserDeps) {
    this.#clock = deps.clock ?? systemClock;
    this.#log = deps.log ?? silentLogger;
    this.#embeddedParts = { clock: this.#clock, log: this.#log, ...deps.embedded };
    if (!deps.bus) return;
    this.#daemon = new AvahiDaemon({ open: deps.bus, clock: this.#clock, log: this.#log });
    this.#daemon.onChange((running) => {
      // What the daemon published went with it.
      const gone = !running && this.#current?.name === 'avahi' ? this.#current : undefined;
      if (gone) this.#current = undefined;
      void this.#queue(async () => {
        await gone?.stop();
        await this.#settle();
      });
    });
  }

  get mode(): AdvertiseMode {
    return this.#current?.name ?? 'none';
  }

  get avahi(): boolean {
    return this.#daemon?.running ?? false;
  }

  get problem(): HotdeskError | undefined {
    return this.#problem;
  }

  async start(wanted: Publication): Promise<void> {
    const publication = carriable(wanted);
    checkPublication(publication);
    this.#publication = publication;
    await this.#daemon?.start();
    await this.#queue(() => this.#settle());
  }

  async update(txt: readonly Buffer[]): Promise<void> {
    if (!this.#publication) return;
    checkPublication({ ...this.#publication, txt });
    this.#publication = { ...this.#publication, txt };
    try {
      await this.#current?.update(txt);
    } catch (error) {
      this.#failed(this.#current, toHotdeskError(error));
    }
  }

  async stop(): Promise<void> {
    this.#publication = undefined;
    this.#cancelRetry();
    await this.#queue(async () => {
      await this.#current?.stop();
      this.#current = undefined;
      this.#daemon?.stop();
    });
  }

  #queue(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.#log.warn({ error: String(error) }, 'advertising');
    });
    return this.#work;
  }

  /** Publishes by the best means that there is. */
  async #settle(): Promise<void> {
    const publication = this.#publication;
    if (!publication) return;
    this.#cancelRetry();
    if (this.avahi && this.#current?.name !== 'avahi') {
      const before = this.#current;
      const through = new AvahiAdvertiser(this.#daemon as AvahiDaemon, this.#clock);
      if (await this.#begin(through, publication)) {
        // Without a farewell: the name is still there, through Avahi now.
        if (before?.name === 'embedded') await before.stop(false);
      }
    }
    if (!this.#current) await this.#begin(new EmbeddedAdvertiser(this.#embeddedParts), publication);
    const best = this.#current?.name === 'avahi' || (this.#current && !this.avahi);
    if (best) this.#problem = undefined;
    else this.#cancelRetry = this.#clock.after(RETRY_MS, () => void this.#queue(() => this.#settle()));
  }

  async #begin(advertiser: AvahiAdvertiser | EmbeddedAdvertiser, publication: Publication): Promise<boolean> {
    try {
      advertiser.onFailure((error) => this.#failed(advertiser, error));
      await advertiser.start(publication);
      // A daemon that went away in the meantime took the advert with it.
      if (advertiser.name === 'avahi' && !this.avahi) return false;
      this.#current = advertiser;
      this.#log.info({ mode: advertiser.name }, 'advertising');
      const txt = this.#publication?.txt;
      if (txt && txt !== publication.txt) await advertiser.update(txt);
      return true;
    } catch (error) {
      this.#problem = toHotdeskError(error, 'mdns-unavailable');
      this.#log.warn({ mode: advertiser.name, error: this.#problem.message }, 'advertising failed');
      return false;
    }
  }

  #failed(advertiser: Advertiser | undefined, error: HotdeskError): void {
    this.#problem = error;
    if (!advertiser || advertiser !== this.#current) return;
    this.#log.warn({ mode: advertiser.name, error: error.message }, 'advertising failed');
    // The embedded one goes on trying by itself.
    if (advertiser.name === 'embedded') return;
    void this.#queue(async () => {
      if (this.#current !== advertiser) return;
      this.#current = undefined;
      await advertiser.stop();
      await this.#settle();
    });
  }
}
