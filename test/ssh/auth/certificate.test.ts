import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlobReader, mpint, sshString, typeOf } from '../../../src/ssh/auth/blob.ts';
import { isCertificate, parseCertificate, publicBlob } from '../../../src/ssh/auth/certificate.ts';

const SUFFIX = '-cert-v01@openssh.com';
const number = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
};
/** @param kind 1 for users, 2 for hosts */
const certificate = (type: string, fields: readonly Buffer[], kind = 1) =>
  Buffer.concat([
    sshString(type),
    sshString('nonce'),
    ...fields.map(sshString),
    number(0),
    number(7),
    number(kind),
    sshString('me\u202e@desk'),
  ]);
const key = Buffer.alloc(32, 7);

test.each([
  ['ssh-ed25519', `ssh-ed25519${SUFFIX}`, [key]],
  ['ssh-rsa', `rsa-sha2-512${SUFFIX}`, [Buffer.from([1, 0, 1]), key]],
  ['ecdsa-sha2-nistp256', `ecdsa-sha2-nistp256${SUFFIX}`, [Buffer.from('nistp256'), key]],
])('of a key of type %s', (plain, algorithm, fields) => {
  const blob = certificate(`${plain}${SUFFIX}`, fields);
  expect(isCertificate(blob)).toBe(true);
  expect(parseCertificate(blob)).toEqual({
    blob,
    key: Buffer.concat([sshString(plain), ...fields.map(sshString)]),
    algorithm,
    id: 'me @desk',
  });
});

test('of a hardware key', () => {
  const fields = [key, Buffer.from('ssh:')];
  const parsed = parseCertificate(certificate(`sk-ssh-ed25519${SUFFIX}`, fields));
  expect(typeOf(parsed?.key ?? Buffer.alloc(0))).toBe('sk-ssh-ed25519@openssh.com');
  expect(parsed?.algorithm).toBe(`sk-ssh-ed25519${SUFFIX}`);
});

test('what is none: a host’s, a key, an unknown type, one that is cut short', () => {
  const whole = certificate(`ssh-ed25519${SUFFIX}`, [key]);
  expect(parseCertificate(certificate(`ssh-ed25519${SUFFIX}`, [key], 2))).toBeUndefined();
  expect(parseCertificate(Buffer.concat([sshString('ssh-ed25519'), sshString(key)]))).toBeUndefined();
  expect(parseCertificate(certificate(`constructor${SUFFIX}`, [key]))).toBeUndefined();
  for (let length = 0; length < whole.length; length += 1) {
    expect(parseCertificate(whole.subarray(0, length))).toBeUndefined();
  }
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseCertificate(Buffer.from(bytes))));
});

test('a public key line is read as ssh-keygen writes it, and nothing else is one', () => {
  const line = `ssh-ed25519 ${Buffer.concat([sshString('ssh-ed25519'), sshString(key)]).toString('base64')} a comment\n`;
  expect(typeOf(publicBlob(line) ?? Buffer.alloc(0))).toBe('ssh-ed25519');
  expect(publicBlob(line.replace(' a comment\n', ''))).toEqual(publicBlob(line));
  for (const text of ['', 'ssh-ed25519', line.replace('ssh-ed25519 ', 'ssh-rsa '), `x${line}`]) {
    expect(publicBlob(text)).toBeUndefined();
  }
});

test('strings and numbers as SSH writes them', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (parts) => {
      const reader = new BlobReader(Buffer.concat(parts.map((part) => sshString(Buffer.from(part)))));
      for (const part of parts) expect(reader.string()).toEqual(Buffer.from(part));
      expect(reader.string()).toBeUndefined();
    }),
  );
  // RFC 4251 §5.
  expect(mpint(Buffer.from('0080', 'hex')).toString('hex')).toBe('000000020080');
  expect(mpint(Buffer.from('00000009', 'hex')).toString('hex')).toBe('0000000109');
});
