/** One write to the kernel for all that is written in one turn. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * ssh2 writes each packet in three pieces (length, body, tag), and a socket without Nagle's delay sends
 * each as a segment of its own, for which the peer wakes three times. Held until the end of the turn they
 * go as one. Other streams than sockets stay as they are: they cannot write several pieces at once.
 * @returns `socket` itself
 */
export function coalesce<T extends Duplex>(socket: T): T {
  if (!(socket instanceof Socket)) return socket;
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let held = false;
  const release = () => {
    held = false;
    socket.uncork();
  };
  socket.write = (...args: unknown[]) => {
    if (!held) {
      held = true;
      socket.cork();
      process.nextTick(release);
    }
    return write(...args);
  };
  return socket;
}
