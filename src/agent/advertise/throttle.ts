import type { Clock } from '../../kernel/clock.ts';

/** Runs work at once if it has been quiet, else as soon as `ms` have passed; of several waiting only the last. */
export class Throttle {
  readonly #ms: number;
  readonly #clock: Clock;
  #ranAt = Number.NEGATIVE_INFINITY;
  #waiting: { work: () => Promise<void>; done: Promise<void>; cancel: () => void } | undefined;

  constructor(ms: number, clock: Clock) {
    this.#ms = ms;
    this.#clock = clock;
  }

  /** Resolves when this work, or the later one that replaced it, is done; at once if it was cancelled. */
  run(work: () => Promise<void>): Promise<void> {
    if (this.#waiting) {
      this.#waiting.work = work;
      return this.#waiting.done;
    }
    const wait = this.#ranAt + this.#ms - this.#clock.now();
    if (wait <= 0) {
      this.#ranAt = this.#clock.now();
      return work();
    }
    let finish: (value?: Promise<void>) => void = () => {};
    const done = new Promise<void>((resolve) => {
      finish = (value) => resolve(value);
    });
    const cancelTimer = this.#clock.after(wait, () => {
      const last = this.#waiting?.work ?? work;
      this.#waiting = undefined;
      this.#ranAt = this.#clock.now();
      finish(last());
    });
    const cancel = () => {
      cancelTimer();
      finish();
    };
    this.#waiting = { work, done, cancel };
    return done;
  }

  cancel(): void {
    this.#waiting?.cancel();
    this.#waiting = undefined;
  }
}
