/** Session channels that stay open as streams: terminals and relays. */
import type { ClientChannel } from 'ssh2';
import { cancelled } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { neverRan } from './exec.ts';
import { type Frame, MarkFilter } from './frame.ts';

const MARK_MS = 15_000;

/**
 * Resolves when the command has begun on `channel`; what the login shell wrote before it is gone from
 * the stream. The channel is closed on failure.
 * @throws HotdeskError `command-failed`, `timeout`, `cancelled`
 */
export function awaitMark(
  channel: ClientChannel,
  frame: Frame,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const filter = new MarkFilter(frame.mark);
    const settle = (error?: HotdeskError, rest?: Buffer) => {
      clearTimeout(limit);
      signal?.removeEventListener('abort', onAbort);
      channel.off('readable', onReadable);
      channel.off('end', onEnd);
      if (!error) {
        if (rest) channel.unshift(rest);
        return resolve();
      }
      channel.destroy();
      reject(error);
    };
    const onAbort = () => settle(cancelled(signal));
    const onEnd = () => settle(neverRan(name, filter.noise, '', undefined));
    const onReadable = () => {
      for (let chunk: unknown = channel.read(); Buffer.isBuffer(chunk); chunk = channel.read()) {
        const rest = filter.push(chunk);
        if (filter.found) return settle(undefined, rest);
      }
    };
    const limit = setTimeout(
      () => settle(new HotdeskError('timeout', `The login shell of ${name} did not start the command.`)),
      MARK_MS,
    );
    channel.on('readable', onReadable);
    channel.once('end', onEnd);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}
