/** Output that comes in many small pieces, read in lumps. */
import type { Readable } from 'node:stream';

/** What Node calls the open end of a pipe; undocumented. */
interface Handle {
  readStart?(): unknown;
  readStop?(): unknown;
}

/**
 * Hears what `stream`, of a child process, says: after each piece the pipe is left alone for `everyMs`, so that a
 * program that writes word by word does not wake us for each of them while it has better to do. Where Node has
 * no such way, each piece is heard as it comes.
 * @returns to be called when the child has ended: hears the rest at once
 */
export function inLumps(stream: Readable, everyMs: number, hear: (chunk: Buffer) => void): () => void {
  const handle = (stream as Readable & { _handle?: Handle | null })._handle;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const go = () => {
    timer = undefined;
    if (!stream.destroyed) handle?.readStart?.();
  };
  stream.on('data', (chunk: Buffer) => {
    hear(chunk);
    if (isOver || timer || everyMs === 0 || !handle?.readStart || !handle.readStop) return;
    handle.readStop();
    timer = setTimeout(go, everyMs);
  });
  return () => {
    isOver = true;
    clearTimeout(timer);
    go();
  };
}
