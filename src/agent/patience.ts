import { cancelled, orAbort } from '../kernel/abort.ts';
import type { HotdeskError } from '../kernel/errors.ts';
import type { Prompter } from '../ssh/ssh.ts';

/**
 * Runs `work` with a signal that aborts with `error` after `ms`, not counting the time in which
 * `prompter` waits for a person. `work` gets a prompter that stops the clock.
 */
export async function withPatience<T>(
  ms: number,
  error: HotdeskError,
  prompter: Prompter | undefined,
  work: (signal: AbortSignal, prompter: Prompter | undefined) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let left = ms;
  let since = performance.now();
  let asking = 0;
  const start = () => {
    since = performance.now();
    return setTimeout(() => controller.abort(error), left);
  };
  let timer = start();
  const patient: Prompter | undefined = prompter && {
    ask: async (request, signal) => {
      if (asking === 0) {
        clearTimeout(timer);
        left = Math.max(0, left - (performance.now() - since));
      }
      asking += 1;
      try {
        return await prompter.ask(request, signal);
      } finally {
        asking -= 1;
        if (asking === 0 && !controller.signal.aborted) timer = start();
      }
    },
  };
  try {
    return await orAbort(work(controller.signal, patient), controller.signal);
  } finally {
    clearTimeout(timer);
    // What is still asked is asked in vain, and starts no clock again.
    controller.abort(cancelled());
  }
}
