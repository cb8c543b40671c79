import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MarkFilter, newFrame, splitPid } from '../../src/ssh/frame.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b));

test('what follows the mark comes through whole, however the stream is cut', () => {
  fc.assert(
    fc.property(bytes, bytes, fc.array(fc.nat(700), { maxLength: 8 }), (noise, data, cuts) => {
      const { mark } = newFrame();
      const all = Buffer.concat([noise, mark, data]);
      const filter = new MarkFilter(mark);
      const got: Buffer[] = [];
      let from = 0;
      for (const cut of [...cuts.map((c) => c % (all.length + 1)).sort((a, b) => a - b), all.length]) {
        const part = filter.push(all.subarray(from, cut));
        if (part) got.push(part);
        from = cut;
      }
      expect(filter.found).toBe(true);
      expect(Buffer.concat(got).equals(data)).toBe(true);
    }),
  );
});

test('without its mark nothing comes through, and the end of the noise is kept', () => {
  const filter = new MarkFilter(newFrame().mark);
  for (let i = 0; i < 100; i += 1) expect(filter.push(Buffer.alloc(1000, 'x'))).toBeUndefined();
  filter.push(Buffer.from('This account is not available.'));
  expect(filter.noise).toContain('This account is not available.');
  expect(filter.noise.length).toBeLessThan(5000);
});

test('a shell that echoes its commands does not write the mark', () => {
  const { prologue, errorPrologue, mark } = newFrame();
  expect(prologue + errorPrologue).not.toContain(mark.toString());
  expect(newFrame().mark.equals(mark)).toBe(false);
});

test('the pid is what the line after the mark says', () => {
  expect(splitPid(Buffer.from(' 123\nrest'))).toEqual({ pid: 123, rest: Buffer.from('rest') });
  expect(splitPid(Buffer.from(' 12'))).toBeUndefined();
  expect(splitPid(Buffer.from(' 1\n'))).toEqual({ pid: undefined, rest: Buffer.alloc(0) });
  expect(splitPid(Buffer.from(' -5\n'))?.pid).toBeUndefined();
});
