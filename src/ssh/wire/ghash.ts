/**
 * GHASH (NIST SP 800-38D §6.4), for packets of a few blocks: OpenSSL's own costs more to set up, from Node,
 * than such a packet does. No table and no branch depends on the key or the data: carry-less products are made
 * of integer products of every fourth bit, whose carries fall into the holes between them, and the upper
 * halves of them of the reversed words. As in BearSSL (ghash_ctmul32).
 */

/** Of a block, in 32-bit words, the last first: the block's first bit is the highest of word 3. */
const WORDS = 4;
/** By Karatsuba, a product of 128 bits is nine of 32 bits; and nine more for their upper halves. */
const NINE = 9;

/** One hash at a time, under one key. */
export class Ghash {
  /** Each of the 18 factors of the key's, in four parts of every fourth bit. */
  readonly #key = new Int32Array(2 * NINE * 4);
  readonly #state = new Int32Array(WORDS);
  readonly #factors = new Int32Array(2 * NINE);
  readonly #middle = new Int32Array(WORDS);
  readonly #product = new Int32Array(2 * WORDS);

  /** @param h the cipher's block of zeros */
  constructor(h: Buffer) {
    const words = new Int32Array(WORDS);
    for (let i = 0; i < WORDS; i += 1) words[i] = h.readInt32BE(12 - 4 * i);
    spread(words, this.#factors);
    for (let i = 0; i < 2 * NINE; i += 1) {
      const factor = this.#factors[i] ?? 0;
      for (let j = 0; j < 4; j += 1) this.#key[4 * i + j] = factor & (0x11111111 << j);
    }
  }

  /** Begins another. */
  reset(): void {
    this.#state.fill(0);
  }

  /** Takes what is from `start` to before `end`, and zeros to a whole number of blocks. */
  update(data: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at += 16) {
      for (let i = 0; i < WORDS; i += 1) this.#add(i, wordAt(data, at + 12 - 4 * i, end));
      this.#multiply();
    }
  }

  /** Takes the block that tells the lengths, in bytes, and writes the result to `out`. */
  finish(additional: number, text: number, out: Buffer): void {
    this.#add(2, additional * 8);
    this.#add(0, text * 8);
    this.#multiply();
    for (let i = 0; i < WORDS; i += 1) out.writeInt32BE(this.#state[i] ?? 0, 12 - 4 * i);
  }

  #add(i: number, word: number): void {
    this.#state[i] = (this.#state[i] ?? 0) ^ word;
  }

  /** The state times the key, modulo x^128 + x^7 + x^2 + x + 1 (§6.3). */
  #multiply(): void {
    const f = this.#factors;
    const z = this.#product;
    spread(this.#state, f);
    for (let i = 0; i < 2 * NINE; i += 1) f[i] = product(f[i] ?? 0, this.#key, 4 * i);
    join(f, this.#middle, z);
    for (let i = 0; i < WORDS; i += 1) {
      const low = z[i] ?? 0;
      z[i + 4] = (z[i + 4] ?? 0) ^ low ^ (low >>> 1) ^ (low >>> 2) ^ (low >>> 7);
      z[i + 3] = (z[i + 3] ?? 0) ^ (low << 31) ^ (low << 30) ^ (low << 25);
    }
    this.#state.set(z.subarray(WORDS));
  }
}

/** Big-endian, and zeros after the end. */
function wordAt(data: Uint8Array, at: number, end: number): number {
  if (at + 4 <= end) {
    return (
      ((data[at] ?? 0) << 24) | ((data[at + 1] ?? 0) << 16) | ((data[at + 2] ?? 0) << 8) | (data[at + 3] ?? 0)
    );
  }
  let word = 0;
  for (let i = 0; i < 4; i += 1) word = (word << 8) | (at + i < end ? (data[at + i] ?? 0) : 0);
  return word;
}

/** The 18 factors of four words: sums for Karatsuba, and the same of the words reversed. */
function spread(w: Int32Array, out: Int32Array): void {
  const a = w[0] ?? 0;
  const b = w[1] ?? 0;
  const c = w[2] ?? 0;
  const d = w[3] ?? 0;
  sums(a, b, c, d, out, 0);
  sums(reverse(a), reverse(b), reverse(c), reverse(d), out, NINE);
}

function sums(a: number, b: number, c: number, d: number, out: Int32Array, at: number): void {
  out[at] = a;
  out[at + 1] = b;
  out[at + 2] = a ^ b;
  out[at + 3] = c;
  out[at + 4] = d;
  out[at + 5] = c ^ d;
  out[at + 6] = a ^ c;
  out[at + 7] = b ^ d;
  out[at + 8] = a ^ c ^ b ^ d;
}

/** The lower half of the carry-less product of `x` and the factor at `at`. */
function product(x: number, key: Int32Array, at: number): number {
  const y0 = key[at] ?? 0;
  const y1 = key[at + 1] ?? 0;
  const y2 = key[at + 2] ?? 0;
  const y3 = key[at + 3] ?? 0;
  const x0 = x & 0x11111111;
  const x1 = x & 0x22222222;
  const x2 = x & 0x44444444;
  const x3 = x & 0x88888888;
  const z0 = Math.imul(x0, y0) ^ Math.imul(x1, y3) ^ Math.imul(x2, y2) ^ Math.imul(x3, y1);
  const z1 = Math.imul(x0, y1) ^ Math.imul(x1, y0) ^ Math.imul(x2, y3) ^ Math.imul(x3, y2);
  const z2 = Math.imul(x0, y2) ^ Math.imul(x1, y1) ^ Math.imul(x2, y0) ^ Math.imul(x3, y3);
  const z3 = Math.imul(x0, y3) ^ Math.imul(x1, y2) ^ Math.imul(x2, y1) ^ Math.imul(x3, y0);
  return (z0 & 0x11111111) | (z1 & 0x22222222) | (z2 & 0x44444444) | (z3 & 0x88888888);
}

/** The bits of a word the other way round. */
function reverse(x: number): number {
  let y = ((x & 0x55555555) << 1) | ((x >>> 1) & 0x55555555);
  y = ((y & 0x33333333) << 2) | ((y >>> 2) & 0x33333333);
  y = ((y & 0x0f0f0f0f) << 4) | ((y >>> 4) & 0x0f0f0f0f);
  y = ((y & 0x00ff00ff) << 8) | ((y >>> 8) & 0x00ff00ff);
  return (y << 16) | (y >>> 16);
}

/** The product of 255 bits out of its 18 parts, moved up by one bit: GHASH counts bits from the other end. */
function join(p: Int32Array, middle: Int32Array, z: Int32Array): void {
  pair(p, 0, z, 0);
  pair(p, 3, z, 4);
  pair(p, 6, middle, 0);
  for (let i = 0; i < WORDS; i += 1) {
    middle[i] = (middle[i] ?? 0) ^ (z[i] ?? 0) ^ (z[i + WORDS] ?? 0);
  }
  for (let i = 0; i < WORDS; i += 1) z[i + 2] = (z[i + 2] ?? 0) ^ (middle[i] ?? 0);
  for (let i = 7; i > 0; i -= 1) z[i] = ((z[i] ?? 0) << 1) | ((z[i - 1] ?? 0) >>> 31);
  z[0] = (z[0] ?? 0) << 1;
}

/** A product of 64 bits each, of the three of 32 bits from `i` on. */
function pair(p: Int32Array, i: number, out: Int32Array, at: number): void {
  const low = p[i] ?? 0;
  const high = p[i + 1] ?? 0;
  const upperOfLow = p[i + NINE] ?? 0;
  const upperOfHigh = p[i + NINE + 1] ?? 0;
  out[at] = low;
  out[at + 1] = upper(upperOfLow) ^ (p[i + 2] ?? 0) ^ low ^ high;
  out[at + 2] = upper((p[i + NINE + 2] ?? 0) ^ upperOfLow ^ upperOfHigh) ^ high;
  out[at + 3] = upper(upperOfHigh);
}

/** The upper half of a product, of the lower half of the reversed words' product. */
function upper(reversed: number): number {
  return reverse(reversed) >>> 1;
}
