import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mpint, sshString } from '../../src/ssh/auth/blob.ts';
import { isSigned } from '../../src/ssh/signature.ts';
import { newHardwareSigner, newSigner, type Signer } from '../rigs/certificate.ts';

const data = Buffer.from('what is signed');
const bytesOf = (value: unknown) => Buffer.from(String(value), 'base64url');
const curve = (name: string) => generateKeyPairSync('ec', { namedCurve: name });

interface Case {
  readonly type: string;
  readonly key: Buffer;
  readonly signature: Buffer;
}

function point(key: KeyObject): Buffer {
  const { x, y } = key.export({ format: 'jwk' });
  return Buffer.concat([Buffer.of(4), bytesOf(x), bytesOf(y)]);
}

/** r and s, as SSH writes them. */
function pair(raw: Buffer): Buffer {
  const half = raw.length / 2;
  return Buffer.concat([mpint(raw.subarray(0, half)), mpint(raw.subarray(half))]);
}

const by = (type: string, { key, sign: signs }: Signer): Case => ({ type, key, signature: signs(data) });

function ecdsa(bits: string, hash: string): Case {
  const { publicKey, privateKey } = curve(`P-${bits}`);
  const type = `ecdsa-sha2-nistp${bits}`;
  const raw = sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return {
    type,
    key: Buffer.concat([sshString(type), sshString(`nistp${bits}`), sshString(point(publicKey))]),
    signature: Buffer.concat([sshString(type), sshString(pair(raw))]),
  };
}

function rsa(type: string, hash: string, modulusLength = 2048): Case {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
  const { e, n } = publicKey.export({ format: 'jwk' });
  return {
    type,
    key: Buffer.concat([sshString('ssh-rsa'), mpint(bytesOf(e)), mpint(bytesOf(n))]),
    signature: Buffer.concat([sshString(type), sshString(sign(hash, data, privateKey))]),
  };
}

/** PROTOCOL.u2f: over the digest of the application, flags, a counter, and the digest of the data. */
function hardwareEcdsa(): Case {
  const said = Buffer.of(1, 0, 0, 0, 7);
  const digest = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest();
  const message = Buffer.concat([digest('ssh:'), said, digest(data)]);
  const { publicKey, privateKey } = curve('P-256');
  const type = 'sk-ecdsa-sha2-nistp256@openssh.com';
  const raw = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return {
    type,
    key: Buffer.concat([
      ...[sshString(type), sshString('nistp256'), sshString(point(publicKey)), sshString('ssh:')],
    ]),
    signature: Buffer.concat([sshString(type), sshString(pair(raw)), said]),
  };
}

const CASES: readonly Case[] = [
  by('ssh-ed25519', newSigner()),
  ecdsa('256', 'sha256'),
  ecdsa('384', 'sha384'),
  ecdsa('521', 'sha512'),
  rsa('rsa-sha2-256', 'sha256'),
  rsa('rsa-sha2-512', 'sha512'),
  by('sk-ssh-ed25519@openssh.com', newHardwareSigner()),
  hardwareEcdsa(),
];

describe.each(CASES.map((each) => [each.type, each] as const))('%s', (_type, { key, signature }) => {
  test('a signature is right over what was signed alone, by its key alone', () => {
    expect(isSigned(key, data, signature)).toBe(true);
    expect(isSigned(key, Buffer.from('something else'), signature)).toBe(false);
    for (const other of CASES) {
      if (other.key !== key) expect(isSigned(other.key, data, signature)).toBe(false);
    }
  });

  test('no bit of either can be another, and nothing be cut off or added', () => {
    for (let bit = 0; bit < signature.length * 8; bit += 3) {
      expect(isSigned(key, data, flipped(signature, bit))).not.toBe(true);
    }
    for (let bit = 0; bit < key.length * 8; bit += 5) {
      expect(isSigned(flipped(key, bit), data, signature)).not.toBe(true);
    }
    for (let length = 0; length < signature.length; length += 1) {
      expect(isSigned(key, data, signature.subarray(0, length))).not.toBe(true);
    }
    for (let length = 0; length < key.length; length += 1) {
      expect(isSigned(key.subarray(0, length), data, signature)).toBe(false);
    }
    expect(isSigned(key, data, Buffer.concat([signature, Buffer.of(0)]))).toBe(false);
    expect(isSigned(Buffer.concat([key, Buffer.of(0)]), data, signature)).toBe(false);
  });
});

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

test('zeros before an RSA signature may be missing, as OpenSSH has it', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const { e, n } = publicKey.export({ format: 'jwk' });
  const key = Buffer.concat([sshString('ssh-rsa'), mpint(bytesOf(e)), mpint(bytesOf(n))]);
  for (let i = 0; ; i += 1) {
    const text = Buffer.from(`try ${i}`);
    const raw = sign('sha256', text, privateKey);
    if (raw[0] !== 0) continue;
    expect(isSigned(key, text, Buffer.concat([sshString('rsa-sha2-256'), sshString(raw.subarray(1))]))).toBe(
      true,
    );
    return;
  }
});

test('SHA-1, DSA and names that are none are of a kind that is not accepted', () => {
  const { key, signature } = rsa('ssh-rsa', 'sha1');
  expect(isSigned(key, data, signature)).toBeUndefined();
  for (const type of ['ssh-dss', 'constructor', '']) {
    expect(isSigned(key, data, Buffer.concat([sshString(type), sshString('x')]))).toBeUndefined();
  }
  expect(isSigned(key, data, Buffer.alloc(0))).toBeUndefined();
});

test('RSA keys under 1024 bits sign nothing', () => {
  const { key, signature } = rsa('rsa-sha2-256', 'sha256', 768);
  expect(isSigned(key, data, signature)).toBe(false);
});

test('no bytes make it throw', () => {
  const types = fc.constantFrom(...CASES.map(({ type }) => type));
  const bytes = fc.uint8Array({ maxLength: 200 }).map((all) => Buffer.from(all));
  fc.assert(
    fc.property(types, bytes, bytes, fc.array(bytes, { maxLength: 4 }), (type, a, b, fields) => {
      const parts = fields.map(sshString);
      expect(isSigned(a, data, b)).not.toBe(true);
      const signature = Buffer.concat([sshString(type), sshString(b)]);
      expect(isSigned(Buffer.concat([sshString(type), ...parts]), data, signature)).not.toBe(true);
      expect(isSigned(Buffer.concat([sshString('ssh-rsa'), ...parts]), data, signature)).not.toBe(true);
    }),
  );
});
