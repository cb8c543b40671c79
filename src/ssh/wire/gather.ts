/** Whole packets out of the chunks that a stream comes in. */

/** Bytes of the length field. */
const HEAD = 4;

/** Puts together what came in parts; what came whole is not copied. */
export class Gather {
  readonly #wholeLength: (length: number) => number;
  readonly #head = Buffer.alloc(HEAD);
  #headBytes = 0;
  /** Of a packet that came in part. */
  #partial: Buffer | undefined;
  #partialBytes = 0;
  /** Where in the chunk the next packet begins. */
  at = 0;

  /**
   * @param wholeLength what a length field says about the bytes of all of its packet; throws when it may
   * not say so
   */
  constructor(wholeLength: (length: number) => number) {
    this.#wholeLength = wholeLength;
  }

  /**
   * @returns the packet that begins in `data` at `from`, or is continued there; it may be a part of `data`.
   * Undefined when its end is not there: then all of `data` has been taken.
   */
  take(data: Buffer, from: number, to: number): Buffer | undefined {
    this.at = from;
    if (!this.#partial) {
      if (this.#headBytes === 0 && to - from >= HEAD) {
        const end = from + this.#wholeLength(data.readUInt32BE(from));
        if (end <= to) {
          this.at = end;
          return data.subarray(from, end);
        }
      }
      if (!this.#takeHead(data, to)) return undefined;
    }
    return this.#takeRest(data, to);
  }

  #takeHead(data: Buffer, to: number): boolean {
    const taken = data.copy(
      this.#head,
      this.#headBytes,
      this.at,
      Math.min(to, this.at + HEAD - this.#headBytes),
    );
    this.#headBytes += taken;
    this.at += taken;
    if (this.#headBytes < HEAD) return false;
    this.#partial = Buffer.allocUnsafe(this.#wholeLength(this.#head.readUInt32BE(0)));
    this.#partialBytes = this.#head.copy(this.#partial);
    this.#headBytes = 0;
    return true;
  }

  #takeRest(data: Buffer, to: number): Buffer | undefined {
    const packet = this.#partial;
    if (!packet) return undefined;
    const taken = data.copy(packet, this.#partialBytes, this.at, to);
    this.#partialBytes += taken;
    this.at += taken;
    if (this.#partialBytes < packet.length) return undefined;
    this.#partial = undefined;
    return packet;
  }
}
