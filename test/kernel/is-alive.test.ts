import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isAlive } from '../../src/kernel/is-alive.ts';

it('tells a process from a zombie, whatever its name, and from none', () => {
  const proc = mkdtempSync(join(tmpdir(), 'hd-alive-'));
  for (const [pid, stat] of [
    [10, '10 (a) R 1 1'],
    [11, '11 (a) Z 1 1'],
    [12, '12 (a) Z) S 1 1'],
    [13, '13 (a\n) X) X 1 1'],
  ] as const) {
    mkdirSync(join(proc, `${pid}`));
    writeFileSync(join(proc, `${pid}/stat`), stat);
  }
  expect([10, 11, 12, 13, 14].map((pid) => isAlive(pid, proc))).toEqual([true, false, true, false, false]);
  expect(isAlive(process.pid)).toBe(true);
  rmSync(proc, { recursive: true });
});
