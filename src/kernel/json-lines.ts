import { HotdeskError } from './errors.ts';

/** One JSON value a line, as it goes on a socket. */
export function encodeLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/**
 * Splits a byte stream into JSON values. Bytes are kept until their line is whole, so a character
 * cut in two by the transport is never damaged.
 */
export class LineDecoder {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;

  /** @param limit longest line accepted, in bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * The values completed by `chunk`.
   * @throws HotdeskError `limit-exceeded` for a line over the limit, `protocol-error` for bad JSON
   */
  push(chunk: Buffer): unknown[] {
    const values: unknown[] = [];
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      this.#keep(chunk.subarray(from, at));
      from = at + 1;
      const line = Buffer.concat(this.#chunks).toString('utf8').trim();
      this.#chunks = [];
      this.#size = 0;
      if (line) values.push(parse(line));
    }
    this.#keep(chunk.subarray(from));
    return values;
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#size += part.length;
    if (this.#size > this.#limit) {
      throw new HotdeskError('limit-exceeded', `A message was longer than ${this.#limit} bytes.`);
    }
    this.#chunks.push(part);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new HotdeskError('protocol-error', 'A message was not valid JSON.', { cause });
  }
}
