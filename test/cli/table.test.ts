import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { render } from '../../src/cli/style.ts';
import { shrink, table } from '../../src/cli/table.ts';
import { displayWidth } from '../../src/kernel/text.ts';

const columns = [{ title: 'HOST' }, { title: 'NAME', min: 8 }, { title: 'AT' }];
const text = (rows: string[][], width: number) =>
  table(columns, rows, width).map((line) => render(line, false));

describe('a table', () => {
  it('lines up, without blanks at the ends of lines', () => {
    expect(
      text(
        [
          ['alpha', 'xterm', 'here'],
          ['b', 'firefox', ''],
        ],
        80,
      ),
    ).toEqual(['HOST   NAME     AT', 'alpha  xterm    here', 'b      firefox']);
  });

  it('measures in columns, not in characters', () => {
    expect(
      text(
        [
          ['日本', 'a', 'x'],
          ['ab', 'é', 'y'],
        ],
        80,
      ).slice(1),
    ).toEqual(['日本  a     x', 'ab    é     y']);
  });

  it('cuts the widest column first', () => {
    const [, row] = text([['alpha', 'a-very-long-name-of-a-session', 'here']], 30);
    expect(row).toBe('alpha  a-very-long-name…  here');
  });

  it('fits the terminal, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string(), fc.string()), { maxLength: 5 }),
        fc.integer({ min: 1, max: 120 }),
        (rows, width) => {
          for (const line of text(rows, width)) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it('keeps rows on one line, with nothing that a terminal obeys', () => {
    const [, row] = text([['a\nb', '\u001b[31mred', '\u202ex']], 80);
    expect(row).toBe('a b   [31mred  x');
  });
});

describe('shrinking', () => {
  it('stops at the minimum', () => {
    expect(shrink([10, 20, 5], [4, 4, 4], 21)).toEqual([8, 8, 5]);
    expect(shrink([10, 20], [8, 8], 4)).toEqual([8, 8]);
    expect(shrink([3, 3], [4, 4], Number.POSITIVE_INFINITY)).toEqual([3, 3]);
  });
});
