/** Two streams made one. */
import type { Duplex } from 'node:stream';

/** After one side is gone, what was read of it has this long to reach the other. */
const FLUSH_MS = 5000;

/**
 * Copies both ways, each direction half-closed on its own and each held back by a slow reader. When
 * either side is gone, so is the other. Made for SSH channels, which tell of a lost connection only
 * by `close`, and only when they are read to the end. A node socket wants `allowHalfOpen`.
 * @param onDone called once when both are gone
 */
export function joinStreams(a: Duplex, b: Duplex, onDone: () => void = () => {}): void {
  let left = 2;
  const tie = (one: Duplex, other: Duplex) => {
    one.on('error', () => one.destroy());
    one.once('close', () => {
      left -= 1;
      if (left === 0) return onDone();
      const end = () => {
        clearTimeout(limit);
        other.destroy();
        other.resume();
      };
      const limit = setTimeout(end, FLUSH_MS);
      limit.unref();
      if (other.writableLength === 0 || other.destroyed) return end();
      other.once('finish', end);
      if (!other.writableEnded) other.end();
    });
    one.pipe(other);
  };
  tie(a, b);
  tie(b, a);
}
