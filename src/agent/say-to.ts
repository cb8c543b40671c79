import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { HotdeskError } from '../kernel/errors.ts';

/** Between two looks at whether somebody reads, in ms. */
const RETRY_MS = 2;

/**
 * Writes `text` to a named pipe (fifo(7)) as soon as it is there and read from. Of up to PIPE_BUF bytes the reader
 * gets all or nothing.
 * @throws HotdeskError `unsafe-file` where something else than a pipe is there; the signal's reason
 */
export async function sayTo(path: string, text: string, signal: AbortSignal): Promise<void> {
  const pipe = await opened(path, signal);
  try {
    if (!(await pipe.stat()).isFIFO()) throw new HotdeskError('unsafe-file', `${path} is no pipe.`);
    await pipe.write(text);
  } finally {
    await pipe.close();
  }
}

async function opened(path: string, signal: AbortSignal): Promise<FileHandle> {
  const { O_WRONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
    } catch (error) {
      // ENXIO: nobody reads it yet.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENXIO') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
