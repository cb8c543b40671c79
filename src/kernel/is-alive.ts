import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A process that is there and is no zombie, proc_pid_stat(5).
 * @param proc proc(5)
 */
export function isAlive(pid: number, proc = '/proc'): boolean {
  try {
    const stat = readFileSync(join(proc, `${pid}/stat`), 'utf8');
    // The name before it may have parentheses of its own.
    return !/^ [ZX]/u.test(stat.slice(stat.lastIndexOf(')') + 1));
  } catch {
    return false;
  }
}
