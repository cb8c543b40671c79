/** Hosts that do not answer: what that is, and steps that must be answered all the same. */
import { sleep } from '../kernel/abort.ts';
import { type HotdeskError, toHotdeskError } from '../kernel/errors.ts';

/** How long a host that does not answer is asked again, in ms. */
const SETTLE_MS = 90_000;
/** Between two times, in ms. */
const AGAIN_MS = 2000;

const SILENT: ReadonlySet<string> = new Set([
  'connection-lost',
  'connection-refused',
  'host-unreachable',
  'timeout',
  'cancelled',
]);

/** The host said nothing, so nobody knows whether it did anything. */
export function isSilence({ code }: HotdeskError): boolean {
  return SILENT.has(code);
}

/**
 * Does `work`, which can be done twice, again while the host is silent.
 * @throws what the host answers; the last silence once it has lasted too long
 */
export async function answered<T>(work: () => Promise<T>, onSilence: () => void = () => {}): Promise<T> {
  for (const until = Date.now() + SETTLE_MS; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!isSilence(toHotdeskError(error)) || Date.now() > until) throw error;
    }
    onSilence();
    await sleep(AGAIN_MS);
  }
}
