/** When the service types are asked for. RFC 6762 §5.2. */
import { SERVICE_TYPES, type ServiceType } from '../services.ts';

const FIRST_MS = 1000;
/** Shorter than the hour of the RFC: a host that came back without a word is found by this. */
const LONGEST_MS = 300_000;

export class QuerySchedule {
  readonly #random: () => number;
  readonly #askedAt = new Map<ServiceType, number>();
  #interval = FIRST_MS;
  #nextAt = 0;
  /** Types that were wanted within a second of the last time. */
  readonly #waiting = new Set<ServiceType>();
  #waitingUntil = Number.POSITIVE_INFINITY;

  constructor(now: number, random: () => number) {
    this.#random = random;
    this.restart(now);
  }

  get nextAt(): number {
    return Math.min(this.#nextAt, this.#waitingUntil);
  }

  /** As after a start: soon, after 20 to 120 ms at random, and then at doubling intervals. */
  restart(now: number): void {
    this.#interval = FIRST_MS;
    this.#nextAt = now + 20 + 100 * this.#random();
  }

  /** The types to ask for now, `wanted` among them; never one twice within a second. */
  take(wanted: ReadonlySet<ServiceType>, now: number): ServiceType[] {
    const regular = now >= this.#nextAt;
    if (regular) {
      this.#nextAt = now + this.#interval;
      this.#interval = Math.min(this.#interval * 2, LONGEST_MS);
    }
    for (const type of wanted) this.#waiting.add(type);
    this.#waitingUntil = Number.POSITIVE_INFINITY;
    const types: ServiceType[] = [];
    for (const type of SERVICE_TYPES) {
      if (!regular && !this.#waiting.has(type)) continue;
      const free = (this.#askedAt.get(type) ?? Number.NEGATIVE_INFINITY) + FIRST_MS;
      if (!regular && now < free) {
        this.#waitingUntil = Math.min(this.#waitingUntil, free);
        continue;
      }
      this.#waiting.delete(type);
      this.#askedAt.set(type, now);
      types.push(type);
    }
    return types;
  }
}
