/** Patience with a server that takes no more logins for now (MaxStartups, sshd_config(5)). */
import { sleep } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { ServerBusy } from './greeting.ts';

/** Waits before it is tried again, ms. Up to half is added, so that not all come back at once. */
const WAITS_MS = [250, 500, 1000, 2000];

/**
 * Repeats `attempt` while it throws ServerBusy.
 * @param name of the host, for messages
 * @param isDirect whether the last attempt went to the server itself: a ProxyCommand or a jump host that
 * ends without a word will do so again
 * @throws HotdeskError what `attempt` throws; `connection-lost` when the way there ended; `cancelled`
 */
export async function whileBusy<T>(
  name: string,
  isDirect: () => boolean,
  attempt: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (const wait of WAITS_MS) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ServerBusy)) throw error;
      if (!error.said && !isDirect()) throw wayEnded(name, error);
      await sleep(wait * (1 + Math.random() / 2), signal);
    }
  }
  return attempt();
}

function wayEnded(name: string, cause: Error): HotdeskError {
  return new HotdeskError(
    'connection-lost',
    `The way to ${name} ended before its SSH server said anything.`,
    {
      cause,
      hint: `See what its ProxyCommand or jump host says: ssh -v ${name}`,
    },
  );
}
