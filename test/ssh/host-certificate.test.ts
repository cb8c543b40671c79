import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sshString } from '../../src/ssh/auth/blob.ts';
import { parseHostCertificate, refusalOf } from '../../src/ssh/host-certificate.ts';
import { type CertificateFields, craft, newSigner } from '../rigs/certificate.ts';

const signer = newSigner();
const KEY = Buffer.concat([sshString('ssh-ed25519'), sshString(Buffer.alloc(32, 7))]);
const NOW = Date.UTC(2026, 5, 1);
const SECONDS = BigInt(NOW / 1000);

const certificate = (fields: CertificateFields = {}) =>
  craft(signer, { principals: ['alpha.lab'], from: SECONDS - 60n, until: SECONDS + 60n, ...fields });

const refusal = (fields: CertificateFields, name = 'alpha.lab') => {
  const parsed = parseHostCertificate(certificate(fields));
  return parsed ? refusalOf(parsed, name, NOW) : 'broken';
};

describe('a certificate', () => {
  test('says what it is of, and by whom', () => {
    expect(parseHostCertificate(certificate())).toEqual({
      key: KEY,
      isForHosts: true,
      principals: ['alpha.lab'],
      from: SECONDS - 60n,
      until: SECONDS + 60n,
      conditions: [],
      authority: signer.key,
      isSigned: true,
    });
  });

  test.each([
    ['its name', {}, undefined],
    ['one of its names', { principals: ['beta.lab', 'alpha.lab'] }, undefined],
    ['a pattern', { principals: ['*.lab'] }, undefined],
    ['a pattern with one character', { principals: ['alph?.lab'] }, undefined],
    ['a name that begins so', { principals: ['alpha'] }, 'is for alpha, not for alpha.lab'],
    ['another name', { principals: ['beta.lab'] }, 'is for beta.lab, not for alpha.lab'],
    // Its capitals are as they are, as in OpenSSH.
    ['capitals', { principals: ['Alpha.lab'] }, 'is for Alpha.lab, not for alpha.lab'],
    ['many names', { principals: [...'abcdefgh'] }, 'is for a, b, c, d and 4 more, not for alpha.lab'],
    ['a name to fool people', { principals: ['\u202ebal\n'] }, 'is for bal, not for alpha.lab'],
    ['no name', { principals: [] }, 'names no host'],
    ['an empty name', { principals: [''] }, 'is for “”, not for alpha.lab'],
    ['a user', { kind: 1 }, 'is one for users, not for hosts'],
    ['neither', { kind: 3 }, 'broken'],
    ['from now on', { from: SECONDS }, undefined],
    ['in a second', { from: SECONDS + 1n }, 'is not valid before 2026-06-01 00:00 UTC'],
    ['just now no more', { until: SECONDS }, 'has expired: it was valid until 2026-06-01 00:00 UTC'],
    ['a second more', { until: SECONDS + 1n }, undefined],
    ['for ever', { from: 0n, until: 0xffffffffffffffffn }, undefined],
    ['in ages', { from: 0xfffffffffffffff0n }, 'is not valid before the end of time'],
    [
      'a condition',
      { conditions: Buffer.concat([sshString('only-on-mondays'), sshString('')]) },
      'holds under conditions that are not known here: only-on-mondays',
    ],
    ['an extension', { extensions: Buffer.concat([sshString('x'), sshString('y')]) }, undefined],
    ['half an extension', { extensions: sshString('x') }, 'broken'],
    ['half a condition', { conditions: sshString('x') }, 'broken'],
    ['a zero in a name', { principals: ['alpha.lab\0.evil'] }, 'broken'],
    ['256 names', { principals: Array.from({ length: 256 }, () => 'alpha.lab') }, undefined],
    ['257 names', { principals: Array.from({ length: 257 }, () => 'alpha.lab') }, 'broken'],
    ['something after it', { after: Buffer.of(0) }, 'broken'],
    ['a certificate as its authority', { authority: certificate() }, 'broken'],
    ['another authority', { authority: KEY }, 'broken'],
  ] satisfies [string, CertificateFields, string | undefined][])('for %s', (_what, fields, word) => {
    expect(refusal(fields)).toBe(word);
  });

  test('cut short anywhere is none', () => {
    const whole = certificate();
    for (let length = 0; length < whole.length; length += 1) {
      expect(parseHostCertificate(whole.subarray(0, length))).toBeUndefined();
    }
  });

  test('with any bit another vouches for nothing', () => {
    const whole = certificate({ principals: ['*'] });
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const copy = Buffer.from(whole);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const parsed = parseHostCertificate(copy);
      if (parsed) expect(refusalOf(parsed, 'alpha.lab', NOW)).toContain('is signed in a way');
    }
  });

  test('of any bytes, or with any bytes in it, makes nothing throw', () => {
    const whole = certificate();
    const bytes = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(bytes, (all) => {
        expect(parseHostCertificate(Buffer.from(all))).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(40), bytes, (at, gone, put) => {
        const changed = Buffer.concat([whole.subarray(0, at), put, whole.subarray(at + gone)]);
        const parsed = parseHostCertificate(changed);
        if (parsed && !changed.equals(whole)) expect(parsed.isSigned).toBeUndefined();
      }),
    );
    expect(parseHostCertificate(Buffer.concat([whole, Buffer.alloc(70_000)]))).toBeUndefined();
  });
});
