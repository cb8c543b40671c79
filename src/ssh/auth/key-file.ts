/** One configured key file: its public half without a passphrase, its private half once it is wanted. */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import { mpint, sshString, typeOf } from './blob.ts';
import { publicBlob } from './certificate.ts';
import type { RsaHash } from './provider.ts';

/** Signs with the private half; the answer is as SSH writes it. */
export type Signer = (data: Buffer, hash: RsaHash | undefined) => Buffer;

/** Asks for the passphrase of a key file; undefined: passed over. */
export type AskPassphrase = (attempt: number) => Promise<string | undefined>;

export interface KeyFile {
  readonly file: string;
  /** Undefined where only the passphrase would tell: an old PEM file without its .pub. */
  readonly publicKey: Buffer | undefined;
  /** Undefined: it is encrypted, see `unlock`. */
  readonly signer: Signer | undefined;
  /** Whether there is a private half here at all. */
  readonly isPrivate: boolean;
}

/** @returns undefined where there is no such file; a string that says why it cannot be used */
export async function readKeyFile(file: string): Promise<KeyFile | string | undefined> {
  const text = await readFile(file).catch((error: unknown) => (isMissing(error) ? undefined : null));
  if (text === null) return `${file} cannot be read.`;
  const written = await readFile(`${file}.pub`, 'utf8').catch(() => '');
  const beside = publicBlob(written);
  if (!text) return beside ? { file, publicKey: beside, signer: undefined, isPrivate: false } : undefined;
  const { ssh2 } = await import('../wire/ssh2.ts');
  const first = ssh2.utils.parseKey(text);
  const key = parsed(first);
  if (key) {
    const signer = signerOf(key);
    return { file, publicKey: key.getPublicSSH(), signer, isPrivate: signer !== undefined };
  }
  // The file of a hardware key holds a handle only: its ssh-agent signs.
  const inside = headerKey(text.toString('latin1'));
  const publicKey = beside ?? inside;
  if (publicKey && typeOf(publicKey)?.startsWith('sk-')) {
    return { file, publicKey, signer: undefined, isPrivate: false };
  }
  if (!(first instanceof Error) || !/encrypted/iu.test(first.message)) {
    return `${file} is not a key of a type that can be used here.`;
  }
  return { file, publicKey, signer: undefined, isPrivate: true };
}

/** Keys that a passphrase has opened, for as long as the process lives; the passphrase itself is not kept. */
export class UnlockedKeys {
  readonly #open = new Map<string, { readonly changed: number; readonly key: Unlocked }>();
  readonly #asking = new Map<string, Promise<Unlocked | undefined>>();

  /** The key, if it has been opened and the file has not changed since. */
  async get(file: string): Promise<Unlocked | undefined> {
    const known = this.#open.get(file);
    if (!known) return undefined;
    if ((await changedAt(file)) === known.changed) return known.key;
    this.#open.delete(file);
    return undefined;
  }

  /** Asks until one opens it, `attempts` times at most; who asks for the same file meanwhile waits for that answer. */
  async unlock(file: string, ask: AskPassphrase, attempts: number): Promise<Unlocked | undefined> {
    const known = await this.get(file);
    if (known) return known;
    const asking = this.#asking.get(file);
    if (asking) {
      const theirs = await asking.catch(() => undefined);
      return theirs ?? this.unlock(file, ask, attempts);
    }
    const work = this.#ask(file, ask, attempts).finally(() => this.#asking.delete(file));
    this.#asking.set(file, work);
    return work;
  }

  async #ask(file: string, ask: AskPassphrase, attempts: number): Promise<Unlocked | undefined> {
    const { ssh2 } = await import('../wire/ssh2.ts');
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const passphrase = await ask(attempt);
      // As in ssh, an empty answer passes the key over.
      if (!passphrase) return undefined;
      const changed = await changedAt(file);
      const text = await readFile(file).catch(() => '');
      const key = parsed(ssh2.utils.parseKey(text, passphrase));
      const signer = key && signerOf(key);
      if (!key || !signer) continue;
      const unlocked = { publicKey: key.getPublicSSH(), signer };
      this.#open.set(file, { changed, key: unlocked });
      return unlocked;
    }
    return undefined;
  }
}

export interface Unlocked {
  readonly publicKey: Buffer;
  readonly signer: Signer;
}

function signerOf(key: ParsedKey): Signer | undefined {
  if (!key.isPrivateKey()) return undefined;
  const { type } = key;
  let made: KeyObject | undefined;
  return (data, hash) => {
    made ??= createPrivateKey(key.getPrivatePEM());
    return signWith(made, type, data, hash);
  };
}

const ECDSA_HASH: Readonly<Record<string, string>> = {
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
};

/** RFC 4253 §6.6, RFC 8332 §3, RFC 5656 §3.1.2, RFC 8709 §6. */
function signWith(key: KeyObject, type: string, data: Buffer, hash: RsaHash | undefined): Buffer {
  if (type === 'ssh-rsa') {
    const name = hash === 'sha512' ? 'rsa-sha2-512' : hash === 'sha1' ? 'ssh-rsa' : 'rsa-sha2-256';
    return Buffer.concat([sshString(name), sshString(sign(hash ?? 'sha256', data, key))]);
  }
  const curve = ECDSA_HASH[type];
  if (curve === undefined) return Buffer.concat([sshString(type), sshString(sign(null, data, key))]);
  const both = sign(curve, data, { key, dsaEncoding: 'ieee-p1363' });
  const half = both.length / 2;
  const rs = Buffer.concat([mpint(both.subarray(0, half)), mpint(both.subarray(half))]);
  return Buffer.concat([sshString(type), sshString(rs)]);
}

/** The public key that a private one of OpenSSH's own format opens with, in the clear (PROTOCOL.key). */
function headerKey(text: string): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/u.exec(text)?.[1];
  if (!body) return undefined;
  const bytes = Buffer.from(body, 'base64');
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  let at = magic.length;
  // Cipher, key derivation and its options; then the number of keys, and the first.
  for (let i = 0; i < 3; i += 1) at += 4 + (at + 4 <= bytes.length ? bytes.readUInt32BE(at) : 0);
  at += 4;
  if (at + 4 > bytes.length) return undefined;
  const blob = bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at));
  return typeOf(blob) === undefined ? undefined : blob;
}

function parsed(result: ParsedKey | Error | readonly ParsedKey[]): ParsedKey | undefined {
  if (result instanceof Error) return undefined;
  return 'type' in result ? result : result[0];
}

async function changedAt(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
