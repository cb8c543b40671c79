/** Lends the caller's terminal to raw bytes from a unix socket. */
import { connect } from 'node:net';
import { HotdeskError } from '../../kernel/errors.ts';
import type { Streams } from '../console.ts';
import { ScreenModes } from './modes.ts';

const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;

/**
 * Pipes both ways until the socket ends. The terminal is put back on every way out: a normal end, a
 * lost connection, SIGTERM, a crash of this process.
 * @throws HotdeskError `connection-lost` if the socket fails
 */
export async function relay(path: string, streams: Streams, signal?: AbortSignal): Promise<void> {
  const { stdin, stdout } = streams;
  const modes = new ScreenModes();
  const socket = connect(path);
  const restore = () => {
    stdin.setRawMode?.(false);
    const undo = modes.undo;
    if (undo) stdout.write(undo);
  };
  const stop = () => socket.destroy();
  process.once('exit', restore);
  for (const name of SIGNALS) process.on(name, stop);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('error', (cause) =>
        reject(new HotdeskError('connection-lost', 'The connection to the session was lost.', { cause })),
      );
      socket.on('close', () => resolve());
      socket.once('connect', () => stdin.setRawMode?.(true));
      socket.on('data', (chunk: Buffer) => {
        modes.watch(chunk);
        if (!stdout.write(chunk)) {
          socket.pause();
          stdout.once('drain', () => socket.resume());
        }
      });
      stdin.pipe(socket);
    });
  } finally {
    stdin.unpipe(socket);
    stdin.pause();
    for (const name of SIGNALS) process.off(name, stop);
    signal?.removeEventListener('abort', stop);
    process.off('exit', restore);
    restore();
    socket.destroy();
  }
}
