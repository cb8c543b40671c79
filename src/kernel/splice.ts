/** Two streams made one. */
import type { Duplex } from 'node:stream';

/** Joins two streams both ways; the end of one side is passed on, its failure ends both. */
export function splice(a: Duplex, b: Duplex): void {
  a.pipe(b);
  b.pipe(a);
  follow(a, b);
  follow(b, a);
}

function follow(from: Duplex, to: Duplex): void {
  from.on('error', () => to.destroy());
  from.once('close', () => {
    // What was read from it is still on its way out.
    if (to.writableEnded && !to.writableFinished) to.once('finish', () => to.destroy());
    else to.destroy();
  });
}
