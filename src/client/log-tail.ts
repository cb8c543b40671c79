import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { sanitise } from '../kernel/text.ts';

/** How much of a file's end is looked at, in bytes. */
const TAIL_BYTES = 64 * 1024;

/** The last `count` lines of a file, safe to show; none where it cannot be read. */
export function lastLines(file: string, count: number): string[] {
  try {
    return tail(file)
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-count)
      .map((line) => sanitise(line, 1000));
  } catch {
    return [];
  }
}

function tail(file: string): string {
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const read = readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    const text = buffer.subarray(0, read).toString('utf8');
    // The first line of a cut file is half a line.
    return buffer.length < size ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    closeSync(fd);
  }
}
