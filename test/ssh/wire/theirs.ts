/** ssh2's own ciphers, against which ours are held. Not to be used where own-ciphers.ts is loaded. */
import crypto from 'ssh2/lib/protocol/crypto.js';
import type { InboundKeys, OutboundKeys, PacketCipher, PacketDecipher } from '../../../src/ssh/wire/wire.ts';

/** By OpenSSL through Node, and by ssh2's addon where it was built. */
export type Maker = 'native' | 'addon';

export interface Theirs {
  readonly CIPHER_INFO: Record<string, { sslName: string; keyLen: number; ivLen: number }>;
  readonly MAC_INFO: Record<string, { len: number }>;
  readonly bindingAvailable: boolean;
  /** Settles when ChaCha20 can be used (its Poly1305 is loaded); ssh2 begins no connection before. */
  readonly init: Promise<void>;
  createCipher(config: { outbound: OutboundKeys & { forceNative: boolean } }): PacketCipher;
  createDecipher(config: { inbound: InboundKeys & { forceNative: boolean } }): PacketDecipher;
}

export const theirs = crypto as unknown as Theirs;

export function theirCipher(keys: OutboundKeys, maker: Maker): PacketCipher {
  return theirs.createCipher({ outbound: { ...keys, forceNative: maker === 'native' } });
}

export function theirDecipher(keys: InboundKeys, maker: Maker): PacketDecipher {
  return theirs.createDecipher({ inbound: { ...keys, forceNative: maker === 'native' } });
}
