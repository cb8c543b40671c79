/** What a link knows of the sleep of its host: that it began, and whether it lasts. */
import { ASLEEP_MS, sayAsleep } from '../catalogue/asleep.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Host } from '../model/host.ts';

export class Doze {
  readonly #clock: Clock;
  readonly #onOver: () => void;
  #cancel: (() => void) | undefined;
  /** What its agents had said last when it began: what is newer may be of after its sleep. */
  #revisions: ReadonlyMap<string, number> = new Map();

  /** @param onOver it lasted so long that it is no sleep any more */
  constructor(clock: Clock, onOver: () => void) {
    this.#clock = clock;
    this.#onOver = onOver;
  }

  /** It said so. */
  begin(host: Host | undefined): void {
    if (this.#cancel) return;
    this.#revisions = new Map(host?.adverts.map(({ agentId, revision }) => [agentId, revision]));
    this.#cancel = this.#clock.after(ASLEEP_MS, () => {
      this.end();
      this.#onOver();
    });
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** It does not answer: is that its sleep? */
  lasts(host: Host | undefined): boolean {
    if (host && sayAsleep(host.adverts)) this.begin(host);
    return this.#cancel !== undefined && !this.isBack(host);
  }

  /** It slept, and has been heard of since. */
  isBack(host: Host | undefined): boolean {
    if (!this.#cancel || !host) return false;
    return host.adverts.some(
      ({ agentId, revision, asleep }) => !asleep && revision > (this.#revisions.get(agentId) ?? -1),
    );
  }
}
