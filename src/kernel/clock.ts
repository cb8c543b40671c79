/** Time as a dependency, so that expiry, back-off and time-outs are tested without waiting. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fn` once after `ms`; the answer cancels it. Never keeps the process alive by itself. */
  after(ms: number, fn: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/**
 * The same clock, which never goes back: where the system's is set to an earlier time, it stands still until that
 * is noticed, and goes on. Unlike a monotonic one it counts the time that the machine slept.
 */
export function steady(clock: Clock): Clock {
  let last = Number.NEGATIVE_INFINITY;
  let ahead = 0;
  return {
    now: () => {
      const now = clock.now();
      if (now + ahead < last) ahead = last - now;
      last = now + ahead;
      return last;
    },
    after: (ms, fn) => clock.after(ms, fn),
  };
}
