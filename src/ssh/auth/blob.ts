/** Byte strings as SSH writes them (RFC 4251 §5). */

/** A length and the bytes. */
export function sshString(bytes: Buffer | string): Buffer {
  const data = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  const out = Buffer.alloc(4 + data.length);
  out.writeUInt32BE(data.length, 0);
  data.copy(out, 4);
  return out;
}

/** A positive integer, big end first: a zero byte before a first bit that is set. */
export function mpint(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const body = bytes.subarray(start);
  return sshString((body[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.alloc(1), body]) : body);
}

/** Reads on in a buffer; every answer is undefined once something was cut short. */
export class BlobReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** How far it has read. */
  get position(): number {
    return this.#at;
  }

  uint32(): number | undefined {
    if (this.#at + 4 > this.#bytes.length) return undefined;
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }

  string(): Buffer | undefined {
    const length = this.uint32();
    if (length === undefined || this.#at + length > this.#bytes.length) return undefined;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string | undefined {
    return this.string()?.toString('utf8');
  }
}

/** The type that a public key, certificate or signature begins with. */
export function typeOf(blob: Buffer): string | undefined {
  return new BlobReader(blob).text();
}
