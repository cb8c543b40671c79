/** The catalogue as it changes: finders, answers and this machine feed it; views read it. */
import type { Clock } from '../kernel/clock.ts';
import type { Sighting } from '../model/host.ts';
import type { Seat } from '../model/seat.ts';
import type { Viewer } from '../model/viewer.ts';
import type { Snapshot } from '../protocol/api.ts';
import { Sleepers } from './asleep.ts';
import { type Answer, type Rows, reduce, type Self } from './reduce.ts';

/** Changes within this time are told together, in ms. */
const COALESCE_MS = 20;

export class Catalogue {
  readonly #clock: Clock;
  readonly #sightings = new Map<string, Sighting>();
  readonly #answers = new Map<string, Answer>();
  readonly #listeners = new Set<() => void>();
  readonly #sleepers: Sleepers;
  #self: Self;
  #viewers: readonly Viewer[] = [];
  #seats: readonly Seat[] = [];
  #rows: Rows | undefined;
  #pending = false;

  constructor(self: Self, clock: Clock) {
    this.#self = self;
    this.#clock = clock;
    this.#sleepers = new Sleepers(clock, (id) => {
      if (this.#sightings.delete(id)) this.#changed();
    });
  }

  found(sighting: Sighting): void {
    const id = `${sighting.finder}\0${sighting.key}`;
    for (const over of this.#sleepers.found(id, sighting)) this.#sightings.delete(over);
    this.#sightings.set(id, sighting);
    this.#changed();
  }

  lost(finder: Sighting['finder'], key: string): void {
    const id = `${finder}\0${key}`;
    const sighting = this.#sightings.get(id);
    if (!sighting || this.#sleepers.keep(id, sighting, this.#isAsleep(sighting))) return;
    this.#sightings.delete(id);
    this.#changed();
  }

  /** What asking the host with `key` showed; undefined forgets it. */
  answer(key: string, answer: Answer | undefined): void {
    if (answer) this.#answers.set(key, answer);
    else if (!this.#answers.delete(key)) return;
    this.#changed();
  }

  setSelf(self: Self): void {
    this.#self = self;
    this.#changed();
  }

  setViewers(viewers: readonly Viewer[]): void {
    this.#viewers = viewers;
    this.#changed();
  }

  setSeats(seats: readonly Seat[]): void {
    this.#seats = seats;
    this.#changed();
  }

  rows(): Rows {
    this.#rows ??= reduce(this.#self, this.#sightings.values(), this.#answers);
    return this.#rows;
  }

  snapshot(): Snapshot {
    const { hosts, sessions } = this.rows();
    return {
      self: this.#self.hostId,
      hosts,
      sessions,
      viewers: [...this.#viewers],
      seats: [...this.#seats],
    };
  }

  /** Keys of the finders' sightings that make up a row, to tell the finders that it did not answer. */
  sightingsOf(hostKey: string): Sighting[] {
    const host = this.rows().hosts.find((h) => h.key === hostKey);
    if (!host) return [];
    return [...this.#sightings.values()].filter(
      (s) =>
        s.advert?.hostId === host.hostId ||
        s.name === host.name ||
        (s.hostName !== undefined && s.hostName === host.hostName),
    );
  }

  /** Calls `listener` soon after any change; several changes at once are one call. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Says it, or its agent did over SSH. */
  #isAsleep({ advert }: Sighting): boolean {
    if (advert?.asleep || !advert) return advert !== undefined;
    return [...this.#answers.values()].some((a) => a.state === 'asleep' && a.hostId === advert.hostId);
  }

  #changed(): void {
    this.#rows = undefined;
    if (this.#pending) return;
    this.#pending = true;
    this.#clock.after(COALESCE_MS, () => {
      this.#pending = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
