import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLs } from '../../../src/wizard/files/there.ts';

/** As ls(1) draws a mode. */
function letters(mode: number): string {
  const bits = [...'rwxrwxrwx'].map((letter, at) => ((mode >> (8 - at)) & 1 ? letter : '-'));
  const special = (at: number, bit: number, set: string) => {
    if (mode & bit) bits[at] = bits[at] === 'x' ? set : set.toUpperCase();
  };
  special(2, 0o4000, 's');
  special(5, 0o2000, 's');
  special(8, 0o1000, 't');
  return bits.join('');
}

describe('parseLs', () => {
  it('reads every mode', () => {
    fc.assert(
      fc.property(fc.nat(0o7777), (mode) => {
        expect(parseLs(`-${letters(mode)}+ 1 1000 100 5 Jan 1 00:00 x`)).toEqual({
          kind: 'file',
          mode,
          uid: 1000,
        });
      }),
      { numRuns: 500 },
    );
  });

  it('knows folders, and nothing in what is no line of ls', () => {
    expect(parseLs('drwx------ 2 0 0 40 Jan 1 00:00 /root')).toEqual({ kind: 'folder', mode: 0o700, uid: 0 });
    expect(parseLs('srwx------. 2 0 0 40')?.kind).toBe('other');
    expect(parseLs('ls: cannot access')).toBeUndefined();
  });
});
