import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addLines, removeLines } from '../../../src/wizard/changes/line-edit.ts';

const line = fc.string({ minLength: 1, maxLength: 40 }).map((text) => text.replace(/\n/gu, ' '));
const lines = fc.array(line, { minLength: 1, maxLength: 3 });
/** Bytes of all kinds, and files that already hold the line, whole and in part. */
const file = (ours: readonly string[]) =>
  fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(fc.oneof(fc.constantFrom(...ours), fc.constantFrom(`${ours[0]}x`, ' ', '', '# note')), {
        maxLength: 6,
      })
      .chain((rows) => fc.constantFrom('\n', '').map((end) => Buffer.from(rows.join('\n') + end))),
  );
const both = lines.chain((ours) => fc.record({ ours: fc.constant(ours), before: file(ours) }));

describe('lines added and removed', () => {
  it('leave a file as it was, byte for byte', () => {
    fc.assert(
      fc.property(both, ({ ours, before }) => {
        const { after, newline } = addLines(before, ours);
        expect(after.subarray(0, before.length).equals(before)).toBe(true);
        expect(removeLines(after, ours, newline)?.equals(before)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('leave what others added after them', () => {
    fc.assert(
      fc.property(both, lines, ({ ours, before }, theirs) => {
        fc.pre(!theirs.some((each) => ours.includes(each)));
        const { after, newline } = addLines(before, ours);
        const tail = theirs.map((each) => `${each}\n`).join('');
        const left = removeLines(Buffer.concat([after, Buffer.from(tail)]), ours, newline);
        const whole = Buffer.concat([before, Buffer.from(newline ? '\n' : ''), Buffer.from(tail)]);
        expect(left?.equals(whole)).toBe(true);
      }),
    );
  });

  it('are whole lines: what merely begins or ends like ours is not ours', () => {
    const text = Buffer.from('a key\nkey b\nmy key\n');
    expect(removeLines(text, ['key'], false)).toBeUndefined();
    expect(removeLines(Buffer.from('key\nkey b\n'), ['key'], false)?.toString()).toBe('key b\n');
    expect(removeLines(Buffer.from('b\nkey'), ['key'], false)?.toString()).toBe('b\n');
  });
});
