/** User certificates of OpenSSH (PROTOCOL.certkeys): which key one is for, and under which name it is offered. Those of hosts: host-certificate.ts. */
import { sanitise } from '../../kernel/text.ts';
import { BlobReader, sshString, typeOf } from './blob.ts';

export interface Certificate {
  readonly blob: Buffer;
  /** The key that it certifies, as a public key. */
  readonly key: Buffer;
  /** The name by which a server is asked. */
  readonly algorithm: string;
  /** What its authority calls it. Sanitised. */
  readonly id: string;
}

/** Of the type of each certificate, and of the names by which it is asked for. */
export const SUFFIX = '-cert-v01@openssh.com';

/** Fields of a public key after its type. */
const FIELDS: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ssh-rsa': 2,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
};

/** Certificate type of users; the other is that of hosts. */
const USER = 1;

export function isCertificate(blob: Buffer): boolean {
  return typeOf(blob)?.endsWith(SUFFIX) ?? false;
}

/** The key that a certificate is of. */
export interface Certified {
  /** Of the certificate: `ssh-rsa-cert-v01@openssh.com`. */
  readonly type: string;
  /** Of the key: `ssh-rsa`. */
  readonly plain: string;
  /** As a public key. */
  readonly key: Buffer;
}

/** Reads the beginning of a certificate, which is the same for users and hosts, up to its serial number. Undefined for what is none of a known type. */
export function readCertified(reader: BlobReader): Certified | undefined {
  const type = reader.text();
  if (!type?.endsWith(SUFFIX)) return undefined;
  const bare = type.slice(0, -SUFFIX.length);
  const plain = bare.startsWith('sk-') ? `${bare}@openssh.com` : bare;
  const count = Object.hasOwn(FIELDS, plain) ? FIELDS[plain] : undefined;
  if (count === undefined || !reader.string()) return undefined;
  const fields: Buffer[] = [];
  for (let i = 0; i < count; i += 1) {
    const field = reader.string();
    if (!field) return undefined;
    fields.push(sshString(field));
  }
  return { type, plain, key: Buffer.concat([sshString(plain), ...fields]) };
}

/** Undefined for what is no user certificate of a known type. */
export function parseCertificate(blob: Buffer): Certificate | undefined {
  const reader = new BlobReader(blob);
  const certified = readCertified(reader);
  if (!certified) return undefined;
  const { type, plain, key } = certified;
  // Its serial number, of which nothing is wanted.
  if (reader.uint32() === undefined || reader.uint32() === undefined) return undefined;
  if (reader.uint32() !== USER) return undefined;
  const id = reader.text();
  if (id === undefined) return undefined;
  return {
    blob,
    key,
    // SHA-1 is left out, as in OpenSSH ≥ 8.8.
    algorithm: plain === 'ssh-rsa' ? `rsa-sha2-512${SUFFIX}` : type,
    id: sanitise(id, 60),
  };
}

/** A line of a public key file (`type base64 comment`): the blob. */
export function publicBlob(text: string): Buffer | undefined {
  const match = /^\s*([\w@.-]+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:\s|$)/u.exec(text);
  if (!match?.[2]) return undefined;
  const blob = Buffer.from(match[2], 'base64');
  return typeOf(blob) === match[1] ? blob : undefined;
}
