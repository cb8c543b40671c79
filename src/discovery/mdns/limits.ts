/**
 * How many instances a link may fill the cache with, so that a flood costs neither memory nor the
 * hosts that are known. One source of many is normal (a server with hundreds of sessions); thousands
 * are not.
 */
export const LIMITS = {
  /** On one link. */
  instances: 4096,
  /** From one source address. A full table keeps room for others. */
  perSource: 1200,
  /** In a full table, sources with more than this make room for those with less. */
  fairShare: 64,
  /** An instance that has been there so long, in ms, is never the one to go. */
  established: 60_000,
  /** SRV or TXT records of one instance, addresses of one host. */
  recordsPerSet: 4,
  addresses: 12,
  /** Questions that may be sent at once, and for each second after. */
  questionBurst: 4000,
  questionsPerSecond: 200,
} as const;

export interface Occupant {
  readonly id: string;
  readonly source: string;
  readonly since: number;
}

/** Who is in the table, counted by source. */
export class Census {
  readonly #bySource = new Map<string, Map<string, number>>();
  #total = 0;

  add(id: string, source: string, since: number): void {
    const ids = this.#bySource.get(source) ?? new Map<string, number>();
    this.#bySource.set(source, ids);
    if (!ids.has(id)) this.#total += 1;
    ids.set(id, since);
  }

  remove(id: string, source: string): void {
    const ids = this.#bySource.get(source);
    if (ids?.delete(id)) this.#total -= 1;
    if (ids?.size === 0) this.#bySource.delete(source);
  }

  /** May one more come in from `source`, and who has to go for it? */
  admit(source: string, now: number): { readonly ok: boolean; readonly evict?: Occupant } {
    const mine = this.#bySource.get(source)?.size ?? 0;
    if (mine >= LIMITS.perSource) return { ok: false };
    if (this.#total < LIMITS.instances) return { ok: true };
    if (mine >= LIMITS.fairShare) return { ok: false };
    const evict = this.#youngestOfTheGreediest(now);
    return evict ? { ok: true, evict } : { ok: false };
  }

  #youngestOfTheGreediest(now: number): Occupant | undefined {
    let greediest: [string, Map<string, number>] | undefined;
    for (const each of this.#bySource) if (each[1].size > (greediest?.[1].size ?? 0)) greediest = each;
    if (!greediest || greediest[1].size <= LIMITS.fairShare) return undefined;
    const [source, ids] = greediest;
    // Maps keep the order of arrival.
    const last = [...ids].pop();
    if (!last || now - last[1] >= LIMITS.established) return undefined;
    return { id: last[0], source, since: last[1] };
  }
}

/** Questions that may be asked now. */
export class QuestionBudget {
  #left: number = LIMITS.questionBurst;
  #at = 0;

  /** Takes up to `wanted`; the answer is how many there were. */
  take(wanted: number, now: number): number {
    const gained = (Math.max(0, now - this.#at) / 1000) * LIMITS.questionsPerSecond;
    this.#left = Math.min(LIMITS.questionBurst, this.#left + gained);
    this.#at = now;
    const taken = Math.min(wanted, Math.floor(this.#left));
    this.#left -= taken;
    return taken;
  }
}
