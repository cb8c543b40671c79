import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeLine, LineDecoder } from '../../src/kernel/json-lines.ts';

describe('LineDecoder', () => {
  it('gives back what was encoded, however the bytes were cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }),
        (values, cuts) => {
          const bytes = Buffer.from(values.map(encodeLine).join(''));
          const decoder = new LineDecoder(1 << 20);
          const out: unknown[] = [];
          for (let at = 0, n = 0; at < bytes.length; n += 1) {
            const size = cuts[n % cuts.length] ?? 1;
            out.push(...decoder.push(bytes.subarray(at, at + size)));
            at += size;
          }
          expect(JSON.stringify(out)).toBe(JSON.stringify(values));
        },
      ),
    );
  });

  it('refuses a line over the limit before it is whole', () => {
    const decoder = new LineDecoder(10);
    decoder.push(Buffer.from('12345678'));
    expect(() => decoder.push(Buffer.from('90123'))).toThrow(
      expect.objectContaining({ code: 'limit-exceeded' }),
    );
  });

  it('names bad JSON', () => {
    expect(() => new LineDecoder(100).push(Buffer.from('{nope}\n'))).toThrow(
      expect.objectContaining({ code: 'protocol-error' }),
    );
  });
});
