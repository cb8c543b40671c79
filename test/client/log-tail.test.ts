import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { lastLines } from '../../src/client/log-tail.ts';
import { temporaryPaths } from './fake-agent.ts';

const { folder, remove } = temporaryPaths();
afterEach(remove);

describe('the end of a log', () => {
  it('is its last lines, without controls, and nothing where there is no file', () => {
    const file = join(folder, 'log');
    expect(lastLines(file, 3)).toEqual([]);
    writeFileSync(file, 'one\n\ntwo \u001b[31mred\nthree\n');
    expect(lastLines(file, 2)).toEqual(['two [31mred', 'three']);
  });

  it('reads the end only of a large file, in whole lines', () => {
    const { folder: other, remove: removeOther } = temporaryPaths();
    const file = join(other, 'log');
    writeFileSync(file, `${'x'.repeat(1000)}\n`.repeat(500));
    const lines = lastLines(file, 1000);
    expect(lines.length).toBeLessThan(100);
    expect(new Set(lines.map((line) => line.length))).toEqual(new Set([1000]));
    removeOther();
  });
});
