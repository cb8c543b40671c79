import { createCipheriv, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ghash } from '../../../src/ssh/wire/ghash.ts';

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((b) => Buffer.from(b));

function hashOf(h: Buffer, additional: Buffer, text: Buffer): Buffer {
  const ghash = new Ghash(h);
  const out = Buffer.alloc(16);
  // What was before is forgotten.
  ghash.update(randomBytes(40), 0, 40);
  ghash.reset();
  ghash.update(additional, 0, additional.length);
  ghash.update(text, 0, text.length);
  ghash.finish(additional.length, text.length, out);
  return out;
}

/** McGrew and Viega, The Galois/Counter Mode of Operation, appendix B. */
test.each([
  ['66e94bd4ef8a2c3b884cfa59ca342b2e', '', '', '00000000000000000000000000000000'],
  [
    '66e94bd4ef8a2c3b884cfa59ca342b2e',
    '',
    '0388dace60b6a392f328c2b971b2fe78',
    'f38cbb1ad69223dcc3457ae5b6b0f885',
  ],
  [
    'b83b533708bf535d0aa6e52980d53b78',
    'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    `42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e
     21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091`.replace(/\s/gu, ''),
    '698e57f70e6ecc7fd9463b7260a9ae5f',
  ],
])('is what the authors of GCM have for H = %s', (h, additional, text, hash) => {
  const [key, a, c] = [h, additional, text].map((hex) => Buffer.from(hex, 'hex'));
  expect(hashOf(key ?? Buffer.alloc(0), a ?? Buffer.alloc(0), c ?? Buffer.alloc(0)).toString('hex')).toBe(
    hash,
  );
});

test('is what OpenSSL has, for any key and text', () => {
  const sparse = fc
    .tuple(fc.nat(15), fc.nat(7))
    .map(([byte, bit]) => Buffer.alloc(16).fill(1 << bit, byte, byte + 1));
  const texts = fc.uint8Array({ maxLength: 150, size: 'max' }).map((b) => Buffer.from(b));
  fc.assert(
    fc.property(bytes(16), fc.oneof(bytes(16), sparse), texts, (key, first, rest) => {
      const text = Buffer.concat([first, rest]);
      const ecb = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
      const gcm = createCipheriv('aes-128-gcm', key, Buffer.alloc(12)).setAAD(text.subarray(0, 4));
      const encrypted = gcm.update(text);
      gcm.final();
      const mask = ecb.update(Buffer.concat([Buffer.alloc(15), Buffer.from([1])]));
      const hash = hashOf(ecb.update(Buffer.alloc(16)), text.subarray(0, 4), encrypted);
      const tag = Buffer.from(hash.map((byte, i) => byte ^ (mask[i] ?? 0)));
      expect(tag.toString('hex')).toBe(gcm.getAuthTag().toString('hex'));
    }),
    { numRuns: 500 },
  );
});
