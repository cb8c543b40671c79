import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit as cut, displayWidth, sanitise, sanitiseName } from '../../src/kernel/text.ts';

function isUnsafe(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    code === 0x200e ||
    code === 0x200f
  );
}

describe('sanitise', () => {
  it('takes the teeth out of escapes, line breaks and bidi overrides', () => {
    expect(sanitise('a\u001b[31mred\nb\u202egpj.exe\u0007')).toBe('a [31mred b gpj.exe');
  });

  it('never lets a control or bidi character through, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const clean = sanitise(text);
        return [...clean].every((c) => !isUnsafe(c.codePointAt(0) ?? 0)) && clean.isWellFormed();
      }),
    );
  });

  it('limits the length and says that it did', () => {
    const long = sanitise('x'.repeat(10_000));
    expect(long).toHaveLength(300);
    expect(long.endsWith('…')).toBe(true);
  });

  it('falls back when nothing printable is left of a name', () => {
    expect(sanitiseName('\u0000\u001b', 'host')).toBe('host');
  });
});

describe('fit', () => {
  it('counts wide characters as two columns', () => {
    expect(displayWidth('日本')).toBe(4);
    expect(cut('日本語', 5)).toBe('日本…');
  });

  it('never takes more columns than it was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, columns) => {
        return displayWidth(cut(text, columns)) <= columns;
      }),
    );
  });
});
