/** Checks signatures as SSH writes them: RFC 4253 §6.6, RFC 5656 §3.1, RFC 8332 §3, RFC 8709 §6, PROTOCOL.u2f. */
import { constants, createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { BlobReader } from './auth/blob.ts';

interface Scheme {
  /** Type of the keys that sign so. */
  readonly key: string;
  readonly hash?: 'sha256' | 'sha384' | 'sha512';
  readonly curve?: Curve;
  /** Made by a hardware key, which signs a digest and what it says of itself. */
  readonly hardware?: true;
}

interface Curve {
  readonly name: string;
  readonly jwk: string;
  /** Of a coordinate, in bytes. */
  readonly size: number;
}

const P256: Curve = { name: 'nistp256', jwk: 'P-256', size: 32 };
const P384: Curve = { name: 'nistp384', jwk: 'P-384', size: 48 };
const P521: Curve = { name: 'nistp521', jwk: 'P-521', size: 66 };

/** OpenSSH's CASignatureAlgorithms. SHA-1 (`ssh-rsa`) and DSA are not among them. */
const SCHEMES: ReadonlyMap<string, Scheme> = new Map<string, Scheme>([
  ['ssh-ed25519', { key: 'ssh-ed25519' }],
  ['ecdsa-sha2-nistp256', { key: 'ecdsa-sha2-nistp256', hash: 'sha256', curve: P256 }],
  ['ecdsa-sha2-nistp384', { key: 'ecdsa-sha2-nistp384', hash: 'sha384', curve: P384 }],
  ['ecdsa-sha2-nistp521', { key: 'ecdsa-sha2-nistp521', hash: 'sha512', curve: P521 }],
  ['rsa-sha2-256', { key: 'ssh-rsa', hash: 'sha256' }],
  ['rsa-sha2-512', { key: 'ssh-rsa', hash: 'sha512' }],
  ['sk-ssh-ed25519@openssh.com', { key: 'sk-ssh-ed25519@openssh.com', hardware: true }],
  [
    'sk-ecdsa-sha2-nistp256@openssh.com',
    { key: 'sk-ecdsa-sha2-nistp256@openssh.com', hash: 'sha256', curve: P256, hardware: true },
  ],
]);

/** As OpenSSH has it (SSH_RSA_MINIMUM_MODULUS_SIZE, OPENSSL_RSA_MAX_MODULUS_BITS), in bytes. */
const RSA_BYTES = { least: 128, most: 2048 };

/**
 * Whether `signature` is that of `key` over `data`. Never throws.
 * @param key public key as SSH writes it; hostile, as the rest is
 * @returns undefined: it is of a kind that is not accepted
 */
export function isSigned(key: Buffer, data: Buffer, signature: Buffer): boolean | undefined {
  const reader = new BlobReader(signature);
  const scheme = SCHEMES.get(reader.text() ?? '');
  if (!scheme) return undefined;
  const bytes = reader.string();
  const rest = signature.subarray(reader.position);
  const signer = readKey(key, scheme);
  if (!bytes || !signer || rest.length !== (scheme.hardware ? 5 : 0)) return false;
  const message = scheme.hardware ? Buffer.concat([digest(signer.application), rest, digest(data)]) : data;
  try {
    return isRight(scheme, signer, message, bytes);
  } catch {
    // No point of the curve, a modulus that is none.
    return false;
  }
}

interface Signer {
  readonly jwk: JsonWebKey;
  /** Of RSA, in bytes. */
  readonly modulus: number;
  /** What a hardware key signs for: `ssh:`. */
  readonly application: Buffer;
}

function isRight(scheme: Scheme, signer: Signer, message: Buffer, bytes: Buffer): boolean {
  const key: KeyObject = createPublicKey({ key: signer.jwk, format: 'jwk' });
  const { hash, curve } = scheme;
  if (curve) {
    const pair = pairOf(bytes, curve.size);
    return pair !== undefined && verify(hash, message, { key, dsaEncoding: 'ieee-p1363' }, pair);
  }
  if (hash === undefined) return verify(null, message, key, bytes);
  if (bytes.length > signer.modulus) return false;
  // Zero bytes at its beginning may have been left out.
  const whole = Buffer.concat([Buffer.alloc(signer.modulus - bytes.length), bytes]);
  return verify(hash, message, { key, padding: constants.RSA_PKCS1_PADDING }, whole);
}

function readKey(blob: Buffer, scheme: Scheme): Signer | undefined {
  const reader = new BlobReader(blob);
  if (reader.text() !== scheme.key) return undefined;
  const read = scheme.curve
    ? readPoint(reader, scheme.curve)
    : scheme.key === 'ssh-rsa'
      ? readRsa(reader)
      : readEd25519(reader);
  const application = scheme.hardware ? reader.string() : Buffer.alloc(0);
  if (!read || !application || reader.position !== blob.length) return undefined;
  return { ...read, application };
}

function readEd25519(reader: BlobReader) {
  const x = reader.string();
  if (x?.length !== 32) return undefined;
  return { jwk: { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') }, modulus: 0 };
}

function readPoint(reader: BlobReader, { name, jwk, size }: Curve) {
  const curve = reader.text();
  const point = reader.string();
  // Uncompressed alone (SEC 1 §2.3.3), as in OpenSSH.
  if (curve !== name || point?.length !== 1 + 2 * size || point[0] !== 4) return undefined;
  const x = point.toString('base64url', 1, 1 + size);
  const y = point.toString('base64url', 1 + size);
  return { jwk: { kty: 'EC', crv: jwk, x, y }, modulus: 0 };
}

function readRsa(reader: BlobReader) {
  const e = natural(reader.string());
  const n = natural(reader.string());
  if (!e || !n || n.length < RSA_BYTES.least || n.length > RSA_BYTES.most) return undefined;
  return {
    jwk: { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') },
    modulus: n.length,
  };
}

/** The two numbers of an ECDSA signature, each as many bytes as a coordinate has. */
function pairOf(bytes: Buffer, size: number): Buffer | undefined {
  const reader = new BlobReader(bytes);
  const numbers = [natural(reader.string()), natural(reader.string())];
  if (reader.position !== bytes.length) return undefined;
  const out = Buffer.alloc(2 * size);
  for (const [at, number] of numbers.entries()) {
    if (!number || number.length > size) return undefined;
    number.copy(out, (at + 1) * size - number.length);
  }
  return out;
}

/** The bytes of a positive mpint (RFC 4251 §5) without zeros before them. */
function natural(mpint: Buffer | undefined): Buffer | undefined {
  if (!mpint || (mpint[0] ?? 0) > 0x7f) return undefined;
  const start = mpint.findIndex((byte) => byte !== 0);
  return start < 0 ? undefined : mpint.subarray(start);
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
