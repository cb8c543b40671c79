/** Output that comes in many small pieces, read in lumps. */
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

/** What Node calls the open end of a pipe; undocumented. */
interface Handle {
  readStart?(): unknown;
  readStop?(): unknown;
}

export interface Lumps {
  /** Resolves when all that is said by now was heard. */
  catchUp(): Promise<void>;
  /** The child has ended: hears the rest at once. */
  end(): void;
}

/**
 * Hears what `stream`, of a child process, says: after each piece the pipe is left alone for `everyMs`, so that a
 * program that writes word by word does not wake us for each of them while it has better to do. Where Node has
 * no such way, each piece is heard as it comes.
 */
export function inLumps(stream: Readable, everyMs: number, hear: (chunk: Buffer) => void): Lumps {
  const handle = (stream as Readable & { _handle?: Handle | null })._handle;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const go = () => {
    timer = undefined;
    if (!stream.destroyed) handle?.readStart?.();
  };
  stream.on('data', (chunk: Buffer) => {
    hear(chunk);
    if (isOver || timer || !handle?.readStart || !handle.readStop) return;
    handle.readStop();
    timer = setTimeout(go, everyMs);
  });
  const now = () => {
    clearTimeout(timer);
    go();
  };
  return {
    async catchUp() {
      now();
      // The loop looks what there is to read between the two.
      await setImmediate();
      await setImmediate();
    },
    end() {
      isOver = true;
      now();
    },
  };
}
