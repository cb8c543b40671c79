/** Lends the caller's terminal to raw bytes from elsewhere. */
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { HotdeskError } from '../../kernel/errors.ts';
import type { Streams } from '../console.ts';
import { ScreenModes } from './modes.ts';

const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;

/**
 * Pipes both ways until the unix socket at `path` ends.
 * @throws HotdeskError `connection-lost` if the socket fails
 */
export async function relay(path: string, streams: Streams, signal?: AbortSignal): Promise<void> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (cause) => reject(lost(cause)));
  });
  await relayStream(socket, streams, signal);
}

/**
 * Pipes both ways until the stream ends. The terminal is put back on every way out: a normal end, a
 * lost connection, SIGTERM, a crash of this process.
 * @throws HotdeskError `connection-lost` if the stream fails
 */
export async function relayStream(stream: Duplex, streams: Streams, signal?: AbortSignal): Promise<void> {
  const { stdin, stdout } = streams;
  const modes = new ScreenModes();
  const restore = () => {
    stdin.setRawMode?.(false);
    const undo = modes.undo;
    if (undo) stdout.write(undo);
  };
  const stop = () => stream.destroy();
  process.once('exit', restore);
  for (const name of SIGNALS) process.on(name, stop);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      stream.on('error', (cause) => reject(lost(cause)));
      stream.on('close', () => resolve());
      if (signal?.aborted || stream.destroyed) return resolve();
      stdin.setRawMode?.(true);
      stream.on('data', (chunk: Buffer) => {
        modes.watch(chunk);
        if (!stdout.write(chunk)) {
          stream.pause();
          stdout.once('drain', () => stream.resume());
        }
      });
      stdin.pipe(stream);
    });
  } finally {
    stdin.unpipe(stream);
    stdin.pause();
    for (const name of SIGNALS) process.off(name, stop);
    signal?.removeEventListener('abort', stop);
    process.off('exit', restore);
    restore();
    stream.destroy();
  }
}

function lost(cause: Error): HotdeskError {
  return new HotdeskError('connection-lost', 'The connection to the session was lost.', { cause });
}
