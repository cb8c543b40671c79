/** Random padding (RFC 4253 §6). */
import { randomFillSync } from 'node:crypto';
import { MIN_PADDING } from './wire.ts';

const POOL = 4096;

/** Fresh bytes from `used` on. Asking for a few at a time costs more than all else about a small packet. */
let pool: Buffer | undefined;
let used = POOL;

/** How much padding makes `length` bytes a multiple of `block`. */
export function paddingFor(length: number, block: number): number {
  const needed = block - (length % block);
  return needed < MIN_PADDING ? needed + block : needed;
}

/** Overwrites what is from `start` to before `end` by random bytes, 255 at most. */
export function fillRandom(packet: Buffer, start: number, end: number): void {
  pool ??= Buffer.alloc(POOL);
  if (used + (end - start) > POOL) {
    randomFillSync(pool);
    used = 0;
  }
  used += pool.copy(packet, start, used, used + (end - start));
}
