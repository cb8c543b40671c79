/** A record in the cache, and its time. RFC 6762 §5.2, §10. */

/** Longest time a record is believed without being asked for again, in s: RFC 6762's own 75 minutes. */
const TTL_MAX = 4500;
/** Shorter than this nobody means, and it would let a stranger make this host ask all the time, in s. */
const TTL_MIN = 10;
/** How long a goodbye is held back, in ms (§10.1). */
export const GOODBYE_MS = 1000;

const REFRESH_FROM = 0.8;
const REFRESH_STEP = 0.05;
const REFRESH_TRIES = 4;
const REFRESH_JITTER = 0.02;

export interface Held<T> {
  readonly key: string;
  value: T;
  ttlMs: number;
  receivedAt: number;
  expiresAt: number;
  /** Address of who sent it last. */
  source: string;
  /** Refresh queries sent so far. */
  asked: number;
  /** 0 to 1, new with each reception: spreads the queries of many hosts. */
  jitter: number;
  /** When it would expire had there been no goodbye. */
  beforeGoodbye: number | undefined;
}

export interface Reception {
  readonly source: string;
  readonly now: number;
  readonly random: () => number;
}

/** Puts a record with a TTL over 0 in `list`; true if it was not there. At most `limit` are kept; the stalest goes. */
export function hold<T>(
  list: Held<T>[],
  key: string,
  value: T,
  record: { readonly ttl: number; readonly flush: boolean },
  at: Reception,
  limit: number,
): boolean {
  const ttlMs = Math.min(Math.max(record.ttl, TTL_MIN), TTL_MAX) * 1000;
  const fresh: Held<T> = {
    key,
    value,
    ttlMs,
    receivedAt: at.now,
    expiresAt: at.now + ttlMs,
    source: at.source,
    asked: 0,
    jitter: at.random(),
    beforeGoodbye: undefined,
  };
  if (record.flush) flushOthers(list, key, at.now);
  const before = list.find((held) => held.key === key);
  if (before) Object.assign(before, fresh);
  else list.push(fresh);
  if (list.length > limit) list.splice(list.indexOf(stalest(list)), 1);
  return before === undefined;
}

/** §10.2: what came more than a second ago is outdated, and gets one second more. */
function flushOthers(list: readonly Held<unknown>[], key: string, now: number): void {
  for (const held of list) {
    if (held.key !== key && held.receivedAt < now - GOODBYE_MS) {
      held.expiresAt = Math.min(held.expiresAt, now + GOODBYE_MS);
      // Nor does it come back where it had said goodbye in error.
      if (held.beforeGoodbye !== undefined) held.beforeGoodbye = held.expiresAt;
    }
  }
}

function stalest<T>(list: readonly Held<T>[]): Held<T> {
  return list.reduce((a, b) => (b.receivedAt < a.receivedAt ? b : a));
}

/** The record that arrived last: a publisher without the flush bit leaves the old one beside it. */
export function newest<T>(list: readonly Held<T>[]): Held<T> | undefined {
  return list.reduce<Held<T> | undefined>((a, b) => (a && a.receivedAt > b.receivedAt ? a : b), undefined);
}

/** §10.1: not gone at once. */
export function sayGoodbye(held: Held<unknown>, now: number): void {
  if (held.beforeGoodbye !== undefined) return;
  held.beforeGoodbye = held.expiresAt;
  held.expiresAt = Math.min(held.expiresAt, now + GOODBYE_MS);
}

/** The goodbye was wrong. */
export function undoGoodbye(held: Held<unknown>): void {
  if (held.beforeGoodbye === undefined) return;
  held.expiresAt = held.beforeGoodbye;
  held.beforeGoodbye = undefined;
}

/** When it has to be asked for again: at 80, 85, 90 and 95 % of its time, and up to 2 % later. */
export function refreshAt(held: Held<unknown>): number {
  if (held.asked >= REFRESH_TRIES || held.beforeGoodbye !== undefined) return Number.POSITIVE_INFINITY;
  const share = REFRESH_FROM + REFRESH_STEP * held.asked + REFRESH_JITTER * held.jitter;
  return held.receivedAt + held.ttlMs * share;
}

/** §7.1: more than half of its time is left. */
export function isKnownAnswer(held: Held<unknown>, now: number): boolean {
  return held.beforeGoodbye === undefined && held.expiresAt - now > held.ttlMs / 2;
}

/** Removes what has expired; says whether anything has. */
export function dropExpired<T>(list: Held<T>[], now: number): boolean {
  let kept = 0;
  for (const held of list) if (held.expiresAt > now) list[kept++] = held;
  const dropped = kept < list.length;
  list.length = kept;
  return dropped;
}

/** When one of them expires or is to be asked for again. */
export function nextOf(list: readonly Held<unknown>[]): number {
  let next = Number.POSITIVE_INFINITY;
  for (const held of list) next = Math.min(next, held.expiresAt, refreshAt(held));
  return next;
}

/** Is one of them due to be asked for? Counts the try, and those that were slept through. */
export function refreshDue(list: readonly Held<unknown>[], now: number): boolean {
  let due = false;
  for (const held of list) {
    while (refreshAt(held) <= now) {
      held.asked += 1;
      due = true;
    }
  }
  return due;
}
