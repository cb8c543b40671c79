/** Host certificates byte by byte (PROTOCOL.certkeys), also such as ssh-keygen would not make. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { sshString } from '../../src/ssh/auth/blob.ts';

export interface Signer {
  /** Its public key. */
  readonly key: Buffer;
  sign(body: Buffer): Buffer;
}

export interface CertificateFields {
  /** 32 bytes of an ed25519 key; default: nobody's. */
  readonly key?: Buffer;
  readonly kind?: number;
  readonly principals?: readonly string[];
  /** Seconds since 1970. */
  readonly from?: bigint;
  readonly until?: bigint;
  readonly conditions?: Buffer;
  readonly extensions?: Buffer;
  /** What it calls its authority, where that is not who signs. */
  readonly authority?: Buffer;
  readonly after?: Buffer;
}

export function craft(signer: Signer, fields: CertificateFields = {}): Buffer {
  const { key = Buffer.alloc(32, 7), kind = 2, principals = [], from = 0n, until = FOR_EVER } = fields;
  const body = Buffer.concat([
    ...[sshString('ssh-ed25519-cert-v01@openssh.com'), sshString('nonce'), sshString(key)],
    ...[uint64(1n), uint32(kind), sshString('id'), sshString(Buffer.concat(principals.map(sshString)))],
    ...[uint64(from), uint64(until)],
    ...[sshString(fields.conditions ?? ''), sshString(fields.extensions ?? ''), sshString('')],
    sshString(fields.authority ?? signer.key),
  ]);
  return Buffer.concat([body, sshString(signer.sign(body)), fields.after ?? Buffer.alloc(0)]);
}

export const FOR_EVER = 0xffffffffffffffffn;

/** A new ed25519 key. */
export function newSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const type = 'ssh-ed25519';
  return {
    key: Buffer.concat([sshString(type), sshString(pointOf(publicKey.export({ format: 'jwk' }).x))]),
    sign: (body) => Buffer.concat([sshString(type), sshString(sign(null, body, privateKey))]),
  };
}

/** A new key that signs as a hardware key does (PROTOCOL.u2f): over the digest of its application, flags, a counter, and the digest of the body. */
export function newHardwareSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const type = 'sk-ssh-ed25519@openssh.com';
  const said = Buffer.of(1, 0, 0, 0, 7);
  const digest = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest();
  return {
    key: Buffer.concat([
      ...[sshString(type), sshString(pointOf(publicKey.export({ format: 'jwk' }).x)), sshString('ssh:')],
    ]),
    sign: (body) => {
      const message = Buffer.concat([digest('ssh:'), said, digest(body)]);
      return Buffer.concat([sshString(type), sshString(sign(null, message, privateKey)), said]);
    },
  };
}

function pointOf(x: unknown): Buffer {
  return Buffer.from(String(x), 'base64url');
}

function uint32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
}

function uint64(value: bigint): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(value);
  return out;
}
