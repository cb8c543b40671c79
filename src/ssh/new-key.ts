/** A new key pair of the user's own, in OpenSSH's format (PROTOCOL.key), made in this process: its passphrase is in no argv. */
import { createPrivateKey } from 'node:crypto';
import { HotdeskError } from '../kernel/errors.ts';

/** Rounds of bcrypt_pbkdf over the passphrase, as ssh-keygen has them (-a). */
const ROUNDS = 16;

/** The type and the point, each with its length: RFC 8709 §4. */
const BLOB_BYTES = 4 + 'ssh-ed25519'.length + 4 + 32;

export interface NewKey {
  /** The private file's text, encrypted if there is a passphrase. */
  readonly privateText: string;
  /** `ssh-ed25519 AAAA… comment`, without an end of line. */
  readonly publicLine: string;
  /** The public key as SSH sends it. */
  readonly blob: Buffer;
  /** The private half in the clear, for an ssh-agent: 32 bytes. */
  seed(): Buffer;
}

/**
 * Makes an Ed25519 key.
 * @param comment without control characters
 * @param passphrase empty: none
 */
export async function makeKey(comment: string, passphrase: string): Promise<NewKey> {
  const { ssh2 } = await import('./wire/ssh2.ts');
  const generate = () => {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', {
      comment,
      ...(passphrase === '' ? {} : { passphrase, cipher: 'aes256-ctr', rounds: ROUNDS }),
    });
    return { ...pair, blob: Buffer.from(pair.public.split(' ')[1] ?? '', 'base64') };
  };
  let made = generate();
  // ssh2 1.17 drops a first byte that is zero, of one key in 256: nobody can read such a pair.
  while (made.blob.length !== BLOB_BYTES) made = generate();
  const { blob } = made;
  return {
    privateText: made.private,
    publicLine: made.public.trim(),
    blob,
    seed: () => {
      const parsed = ssh2.utils.parseKey(made.private, passphrase === '' ? undefined : passphrase);
      if (parsed instanceof Error)
        throw new HotdeskError('internal', 'The new key cannot be read.', { cause: parsed });
      const { d } = createPrivateKey(parsed.getPrivatePEM()).export({ format: 'jwk' });
      return Buffer.from(d ?? '', 'base64url');
    },
  };
}
