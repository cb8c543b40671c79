/**
 * Gives ssh2 the ciphers of this folder. Its key exchange takes both functions out of the module when it
 * is loaded, so this must be before: see ssh2.ts.
 */
import crypto from 'ssh2/lib/protocol/crypto.js';
import { GcmCipher, GcmDecipher, isGcm } from './gcm.ts';
import type { InboundKeys, OutboundKeys, PacketCipher, PacketDecipher } from './wire.ts';

interface Ciphers {
  createCipher(config: { readonly outbound: OutboundKeys }): PacketCipher;
  createDecipher(config: { readonly inbound: InboundKeys }): PacketDecipher;
}

const ciphers = crypto as Ciphers;
/** Of ssh2 itself: for what is not AES-GCM. */
const { createCipher, createDecipher } = ciphers;

ciphers.createCipher = ({ outbound }) => {
  const { sslName } = outbound.cipherInfo;
  return isGcm(sslName) ? new GcmCipher(sslName, outbound) : inOnePiece(outbound);
};

ciphers.createDecipher = (config) => {
  const { sslName } = config.inbound.decipherInfo;
  return isGcm(sslName) ? new GcmDecipher(sslName, config.inbound) : createDecipher(config);
};

/**
 * ssh2's own cipher writes a packet in two or three pieces, and a socket without Nagle's delay would send
 * each as a segment of its own, for which the peer wakes.
 */
function inOnePiece(keys: OutboundKeys): PacketCipher {
  let pieces: Uint8Array[] = [];
  const cipher = createCipher({ outbound: { ...keys, onWrite: (piece) => void pieces.push(piece) } });
  const encrypt = cipher.encrypt.bind(cipher);
  cipher.encrypt = (packet) => {
    encrypt(packet);
    const [first, ...others] = pieces;
    pieces = [];
    if (first) keys.onWrite(others.length === 0 ? first : Buffer.concat([first, ...others]));
  };
  return cipher;
}
