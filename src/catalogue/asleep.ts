/**
 * Hosts that said that they go to sleep. Nobody sees such a host any more, and it is not lost: what was
 * seen of it stays for a while.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Advert, Sighting } from '../model/host.ts';

/** No longer than what it said is good for: the longest TTL of RFC 6762 §10, in ms. */
export const ASLEEP_MS = 75 * 60_000;
/** Anybody can say so: the oldest goes. */
const LIMIT = 64;

/** Do all agents of a host say that it sleeps? */
export function sayAsleep(adverts: readonly Advert[]): boolean {
  return adverts.length > 0 && adverts.every(({ asleep }) => asleep === true);
}

export class Sleepers {
  readonly #clock: Clock;
  readonly #onOver: (id: string) => void;
  /** When each sighting first said so, ms. */
  readonly #since = new Map<string, number>();
  readonly #kept = new Map<string, { readonly hostId: string | undefined; cancel(): void }>();

  /** @param onOver a sighting that was kept is worth no more */
  constructor(clock: Clock, onOver: (id: string) => void) {
    this.#clock = clock;
    this.#onOver = onOver;
  }

  /** Somebody sees it. @returns sightings of that host that were kept, under other names: they are over */
  found(id: string, { advert }: Sighting): string[] {
    if (!advert?.asleep) this.#since.delete(id);
    else if (!this.#since.has(id)) this.#since.set(id, this.#clock.now());
    this.#forget(id);
    if (this.#kept.size === 0 || !advert) return [];
    const others = [...this.#kept].filter(([, { hostId }]) => hostId === advert.hostId).map(([key]) => key);
    for (const other of others) this.#forget(other);
    return others;
  }

  /**
   * Nobody sees it any more. Is it kept?
   * @param isAsleep it said so, by whatever way
   */
  keep(id: string, { advert }: Sighting, isAsleep: boolean): boolean {
    const since = this.#since.get(id) ?? this.#clock.now();
    this.#since.delete(id);
    const left = since + ASLEEP_MS - this.#clock.now();
    if (!isAsleep || left <= 0) return false;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= LIMIT && oldest !== undefined) this.#end(oldest);
    this.#kept.set(id, { hostId: advert?.hostId, cancel: this.#clock.after(left, () => this.#end(id)) });
    return true;
  }

  #end(id: string): void {
    this.#forget(id);
    this.#onOver(id);
  }

  #forget(id: string): void {
    this.#kept.get(id)?.cancel();
    this.#kept.delete(id);
  }
}
