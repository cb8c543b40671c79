/**
 * Gives memory back after a burst. The tray runs a moment at a time, for days; left to itself V8 collects
 * when it next allocates, which may be tomorrow.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../kernel/clock.ts';

/** Quiet for so long, in ms: nobody waits for anything. */
const QUIET_MS = 2000;

/** @returns to be called with everything that happens */
export function trimmer(clock: Clock, collect: () => void = collectGarbage): () => void {
  let cancel: (() => void) | undefined;
  return () => {
    cancel?.();
    cancel = clock.after(QUIET_MS, () => {
      cancel = undefined;
      collect();
    });
  };
}

/** A context that is made after the flag was set has the function; this one never gets it. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc !== 'function') return;
  // What the first one finds weakly held, such as compiled code, goes with the second.
  gc();
  gc();
}
