import { HotdeskError } from './errors.ts';

/** Resolves after `ms`; rejects with `cancelled` as soon as `signal` aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled(signal));
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    const onAbort = () => {
      clearTimeout(timer);
      reject(cancelled(signal));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The error that an aborted `signal` stands for: its reason if that is one of ours, else `cancelled`. */
export function cancelled(signal?: AbortSignal): HotdeskError {
  const reason: unknown = signal?.reason;
  if (reason instanceof HotdeskError) return reason;
  return new HotdeskError('cancelled', 'Stopped before it was done.');
}

export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted) throw cancelled(signal);
}

/** Rejects when `signal` aborts, else settles as `work` does. `work` itself is not stopped. */
export function orAbort<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      work.catch(() => {});
      return reject(cancelled(signal));
    }
    const onAbort = () => reject(cancelled(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/**
 * Runs `work` with a signal that aborts with `error` after `ms`, or when the outer signal does.
 * The timer is gone when the answer is there.
 */
export async function withTimeout<T>(
  ms: number,
  error: HotdeskError,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(error), ms);
  const onAbort = () => controller.abort(cancelled(outer));
  if (outer?.aborted) onAbort();
  else outer?.addEventListener('abort', onAbort, { once: true });
  try {
    return await orAbort(work(controller.signal), controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', onAbort);
  }
}
