/** Keeps the advert of this host true: what of the sessions is told, at which level, at most once a second. */
import type { Clock } from '../kernel/clock.ts';
import { toHotdeskError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';

export interface PublishDeps<P> {
  readonly clock: Clock;
  readonly log: Logger;
  /** The advert as it should be now; undefined: none. */
  advert(revision: number): P | undefined;
  start(advert: P): Promise<void>;
  update(advert: P): Promise<void>;
  stop(): Promise<void>;
}

/** Changes are gathered this long, in ms: mDNS is for everybody on the link. */
const GATHER_MS = 1000;

export class Publisher<P> {
  readonly #deps: PublishDeps<P>;
  #revision = 0;
  #told = '';
  #running = false;
  #ended = false;
  #timer: (() => void) | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(deps: PublishDeps<P>) {
    this.#deps = deps;
  }

  start(): Promise<void> {
    return this.#queue();
  }

  /** Something that may be told has changed. */
  changed(): void {
    if (this.#timer || this.#ended) return;
    this.#timer = this.#deps.clock.after(GATHER_MS, () => {
      this.#timer = undefined;
      void this.#queue();
    });
  }

  /** What has changed is told now: there may be no later. Resolves when it was. */
  now(): Promise<void> {
    this.#timer?.();
    this.#timer = undefined;
    return this.#queue();
  }

  async stop(): Promise<void> {
    this.#ended = true;
    this.#timer?.();
    await this.#work;
    if (this.#running) await this.#deps.stop();
  }

  #queue(): Promise<void> {
    this.#work = this.#work
      .then(() => this.#tell())
      .catch((error: unknown) => {
        this.#deps.log.warn({ code: toHotdeskError(error).code }, `advertising failed: ${String(error)}`);
      });
    return this.#work;
  }

  async #tell(): Promise<void> {
    if (this.#ended) return;
    // The revision is no news by itself.
    const bare = JSON.stringify(this.#deps.advert(0));
    if (bare === this.#told) return;
    this.#revision += 1;
    const advert = this.#deps.advert(this.#revision);
    if (advert === undefined) {
      if (this.#running) await this.#deps.stop();
      this.#running = false;
    } else if (this.#running) await this.#deps.update(advert);
    else {
      await this.#deps.start(advert);
      this.#running = true;
    }
    this.#told = bare;
  }
}
