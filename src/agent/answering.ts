/**
 * Whether the agent of another machine answers. One that is stopped (SIGSTOP) or hangs keeps its
 * connections, so nothing else tells.
 */
import { sleep, withTimeout } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';

/** What takes an agent no work is answered within this, in ms. */
export const ANSWER_MS = 5000;
/** An agent that has long to do is asked so often whether it still answers, in ms. */
const PULSE_MS = 5000;

/** @param host its name */
export function noAnswer(host: string): HotdeskError {
  return new HotdeskError('timeout', `The hotdesk agent on ${host} runs but does not answer.`, {
    hint: `Look there: \`pgrep -af 'hotdesk.* agent run'\`. \`kill -CONT PID\` lets one that was stopped go on, \`kill -9 PID\` ends one that hangs; sessions go on.`,
  });
}

/**
 * Settles as `work` does, however long that takes, as long as the agent that it asks answers.
 * @param silence is thrown when it does not answer
 * @param pulse asks that agent for something that takes it no work; a refusal is an answer
 * @param work told to stop when `signal` aborts or the agent is given up
 * @param patienceMs so long it is not asked
 * @throws what `work` throws; `silence`: the agent answers nothing any more
 */
export async function whileAnswering<T>(
  silence: HotdeskError,
  pulse: () => Promise<unknown>,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
  patienceMs = 0,
): Promise<T> {
  const over = new AbortController();
  const inner = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  const silent = async (): Promise<never> => {
    if (patienceMs > 0) await sleep(patienceMs, over.signal);
    for (;;) {
      await withTimeout(ANSWER_MS, silence, over.signal, () => pulse().catch(() => {}));
      await sleep(PULSE_MS, over.signal);
    }
  };
  try {
    return await Promise.race([work(inner), silent()]);
  } finally {
    over.abort();
  }
}
