import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrap } from '../../src/cli/wrap.ts';
import { displayWidth } from '../../src/kernel/text.ts';

describe('wrap', () => {
  it('breaks between words, and a word only where it must', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('SHA256:abcdefghij', 8)).toEqual(['SHA256:a', 'bcdefghi', 'j']);
    expect(wrap('', 10)).toEqual(['']);
    expect(wrap('日本語', 4)).toEqual(['日本', '語']);
  });

  it('loses nothing and keeps to its columns', () => {
    const text = fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 12 });
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 40 }), (words, columns) => {
        const whole = words.join(' ');
        const lines = wrap(whole, columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(whole.replaceAll(' ', ''));
        for (const line of lines) {
          // One wide grapheme may be wider than the whole line.
          if ([...line].length > 1) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        }
      }),
    );
  });
});
