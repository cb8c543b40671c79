import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorizedLine, findKey } from '../../../src/wizard/keys/authorized-keys.ts';

const blob = Buffer.from('a public key');
const text = blob.toString('base64');

describe('findKey', () => {
  it('finds it plain, with options, indented, and not in a comment or as part of another', () => {
    expect(findKey(`ssh-ed25519 ${text} me\n`, blob)).toBe('');
    expect(findKey(`x\n  restrict,command="a b" ssh-ed25519 ${text}`, blob)).toBe('restrict,command="a b"');
    expect(findKey(`# ssh-ed25519 ${text}\n`, blob)).toBeUndefined();
    expect(findKey(`ssh-ed25519 ${text}AAAA\n`, blob)).toBeUndefined();
    expect(findKey('', blob)).toBeUndefined();
  });

  it('finds what authorizedLine writes, in one line, whatever the comment is', () => {
    fc.assert(
      fc.property(fc.string(), (comment) => {
        const line = authorizedLine('ssh-ed25519', blob, comment);
        expect(line).not.toMatch(/[\n\r]/u);
        expect(findKey(`${line}\n`, blob)).toBe('');
      }),
    );
  });
});
