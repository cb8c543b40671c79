/**
 * Certificates as host keys in the key exchange (RFC 4253 §8, PROTOCOL.certkeys), of which ssh2 1.17
 * knows nothing: what is not in its types, for one client. Whatever of it is not as it was makes the
 * exchange fail: the signature is checked by ssh2, over a hash that holds the certificate.
 */
import type { Client } from 'ssh2';
import { BlobReader } from './auth/blob.ts';
import { readCertified, SUFFIX } from './auth/certificate.ts';

interface KeyExchange {
  readonly negotiated: { serverHostKey: string };
  _hostKey: Buffer | undefined;
  getPublicKey(): Buffer;
  finish(partly?: boolean): unknown;
}

interface List {
  readonly array: readonly string[];
}

interface Direction<T> {
  readonly cipher: T;
  readonly mac: T;
  readonly compress: T;
  readonly lang: T;
}

interface Lists<T> {
  readonly kex: T;
  readonly serverHostKey: T;
  readonly cs: Direction<T>;
  readonly sc: Direction<T>;
}

interface Offer {
  readonly lists: Lists<List>;
}

interface Internals {
  readonly _protocol: { _offer: Offer; _kex: KeyExchange | undefined };
}

/** Names by which certificates are asked for, in OpenSSH's order: by the type of theirs, and how their key signs. */
const CERTIFIED = new Map(
  [
    { key: 'ssh-ed25519', signature: 'ssh-ed25519' },
    { key: 'ecdsa-sha2-nistp256', signature: 'ecdsa-sha2-nistp256' },
    { key: 'ecdsa-sha2-nistp384', signature: 'ecdsa-sha2-nistp384' },
    { key: 'ecdsa-sha2-nistp521', signature: 'ecdsa-sha2-nistp521' },
    { key: 'ssh-rsa', signature: 'rsa-sha2-512' },
    { key: 'ssh-rsa', signature: 'rsa-sha2-256' },
  ].map(({ key, signature }) => [`${signature}${SUFFIX}`, { type: `${key}${SUFFIX}`, signature }]),
);

export const CERTIFICATE_ALGORITHMS: readonly string[] = [...CERTIFIED.keys()];

/**
 * Has `client` ask for these host keys, certificates too. Its hostVerifier is given the certificate
 * where it is shown one. To be called right after Client.connect.
 */
export function askForCertificates(client: Client, algorithms: readonly string[]): void {
  const { _protocol: protocol } = client as unknown as Internals;
  const { lists, constructor: KexInit } = protocol._offer;
  const offer = { ...namesOf(lists), serverHostKey: [...algorithms] };
  protocol._offer = new (KexInit as new (offer: Lists<readonly string[]>) => Offer)(offer);
  let current = protocol._kex;
  // One for each exchange of session keys.
  Object.defineProperty(protocol, '_kex', {
    configurable: true,
    enumerable: true,
    get: () => current,
    set: (kex: KeyExchange | undefined) => {
      current = kex;
      if (kex) takeCertificate(kex);
    },
  });
}

function namesOf({ kex, serverHostKey, cs, sc }: Lists<List>): Lists<readonly string[]> {
  const direction = ({ cipher, mac, compress, lang }: Direction<List>) => ({
    cipher: cipher.array,
    mac: mac.array,
    compress: compress.array,
    lang: lang.array,
  });
  return { kex: kex.array, serverHostKey: serverHostKey.array, cs: direction(cs), sc: direction(sc) };
}

/** If a certificate has been agreed on. */
function takeCertificate(kex: KeyExchange): void {
  const { negotiated, finish, getPublicKey } = kex;
  const certified = CERTIFIED.get(negotiated.serverHostKey);
  if (!certified) return;
  // What ssh2 wants the type of the key to be that it is shown.
  negotiated.serverHostKey = certified.type;
  kex.finish = (partly) => {
    // What it wants the type of the signature to be.
    negotiated.serverHostKey = certified.signature;
    kex.getPublicKey = () => {
      // It goes into the hash right after the certificate has; the signature over that is checked last, by the key.
      if (kex._hostKey) kex._hostKey = readCertified(new BlobReader(kex._hostKey))?.key ?? kex._hostKey;
      return getPublicKey.call(kex);
    };
    return finish.call(kex, partly);
  };
}
