/** The key of AES-GCM packets in one direction, with their counter: no nonce is given twice. */
import { type Cipher, type CipherGCMTypes, createCipheriv, timingSafeEqual } from 'node:crypto';
import { Ghash } from './ghash.ts';

const BLOCK = 16;
export const TAG = 16;
/** What is authenticated and not encrypted: the packet's length. */
export const CLEAR = 4;

/** Encrypted bytes, up to which a packet is done here: it would take OpenSSL longer to begin, by Node. */
const SMALL = 64;
/** The blocks that the counter is encrypted to, for one such packet: for its tag, and for its bytes. */
const ROW = BLOCK + SMALL;
/** Packets for which that is done at once, since each call costs as much as a few of these. */
const ROWS = 16;
/** Small packets that OpenSSL does first: until V8 has compiled this it is slower, and most connections are short. */
export const FIRST = 256;

/** What small packets take. */
interface Own {
  readonly aes: Cipher;
  readonly ghash: Ghash;
  readonly counters: Buffer;
}

/** Asked for one packet after the other, in their order. */
export class GcmKey {
  readonly #name: CipherGCMTypes;
  readonly #key: Buffer;
  /** Of the next packet. */
  readonly #iv: Buffer;
  #left: number;
  #own: Own | undefined;
  #stream = Buffer.alloc(0);
  /** Where in the stream the next packet's row is. */
  #row = 0;
  readonly #tag = Buffer.alloc(TAG);

  /** @param first how many small packets are left to OpenSSL */
  constructor(name: CipherGCMTypes, key: Buffer, iv: Buffer, first: number) {
    this.#name = name;
    this.#key = key;
    this.#iv = Buffer.from(iv);
    this.#left = first;
  }

  /** To be asked once for each packet: whether it is for seal or open, having so many encrypted bytes. */
  claims(length: number): boolean {
    if (length > SMALL) return false;
    if (this.#left === 0) return true;
    this.#left -= 1;
    return false;
  }

  /** What `make` makes of the next packet's nonce: for what is not claimed. */
  next<T>(make: (iv: Buffer) => T): T {
    const made = make(this.#iv);
    this.#row += ROW;
    increment(this.#iv);
    return made;
  }

  /** Encrypts a small packet where it is, and writes its tag behind it. */
  seal(packet: Buffer): void {
    const end = packet.length - TAG;
    const own = this.#begin();
    const row = this.#take(own);
    const stream = this.#stream;
    for (let i = CLEAR, j = row + BLOCK; i < end; i += 1, j += 1) {
      packet[i] = (packet[i] ?? 0) ^ (stream[j] ?? 0);
    }
    this.#authenticate(own, packet, end, row);
    packet.set(this.#tag, end);
  }

  /**
   * @returns the small packet decrypted, without its length
   * @throws Error when its tag is not its own
   */
  open(packet: Buffer): Buffer {
    const end = packet.length - TAG;
    const own = this.#begin();
    const row = this.#take(own);
    this.#authenticate(own, packet, end, row);
    if (!timingSafeEqual(this.#tag, packet.subarray(end))) throw new Error('Invalid MAC');
    const stream = this.#stream;
    const body = Buffer.allocUnsafe(end - CLEAR);
    for (let i = CLEAR, j = row + BLOCK; i < end; i += 1, j += 1) {
      body[i - CLEAR] = (packet[i] ?? 0) ^ (stream[j] ?? 0);
    }
    return body;
  }

  #begin(): Own {
    if (this.#own) return this.#own;
    // ECB of counters is what CTR is; of nothing else.
    const aes = createCipheriv(this.#name.replace('gcm', 'ecb'), this.#key, null).setAutoPadding(false);
    const ghash = new Ghash(aes.update(Buffer.alloc(BLOCK)));
    this.#own = { aes, ghash, counters: Buffer.alloc(ROWS * ROW) };
    return this.#own;
  }

  /** NIST SP 800-38D §7.1: the hash of what is sent, under the first block. */
  #authenticate({ ghash }: Own, packet: Buffer, end: number, row: number): void {
    ghash.reset();
    ghash.update(packet, 0, CLEAR);
    ghash.update(packet, CLEAR, end);
    ghash.finish(CLEAR, end - CLEAR, this.#tag);
    for (let i = 0; i < TAG; i += 1) this.#tag[i] = (this.#tag[i] ?? 0) ^ (this.#stream[row + i] ?? 0);
  }

  /** @returns where the row of the next packet is, which is the next one's no more */
  #take(own: Own): number {
    if (this.#row >= this.#stream.length) this.#refill(own);
    const row = this.#row;
    this.#row += ROW;
    increment(this.#iv);
    return row;
  }

  #refill({ aes, counters }: Own): void {
    const iv = Buffer.from(this.#iv);
    for (let row = 0; row < counters.length; row += ROW) {
      for (let block = 0; block < ROW / BLOCK; block += 1) {
        iv.copy(counters, row + block * BLOCK);
        counters[row + block * BLOCK + BLOCK - 1] = 1 + block;
      }
      increment(iv);
    }
    this.#stream = aes.update(counters);
    this.#row = 0;
  }
}

/** RFC 5647 §7.1: the last eight bytes are the counter of invocations. */
function increment(iv: Buffer): void {
  for (let i = 11; i >= 4; i -= 1) {
    const byte = ((iv[i] ?? 0) + 1) & 0xff;
    iv[i] = byte;
    if (byte !== 0) return;
  }
}
