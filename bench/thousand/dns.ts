/** As much of DNS messages (RFC 1035 §4.1, RFC 6762 §18) as a responder needs. */

export const TYPE = { A: 1, PTR: 12, TXT: 16, SRV: 33, ANY: 255 } as const;
/** Class IN, with the cache-flush bit for records that only one host has (RFC 6762 §10.2). */
const IN = 1;
const IN_FLUSH = 0x8001;

export interface Question {
  /** Lower case, joined by dots; no name here has one in a label. */
  readonly name: string;
  readonly type: number;
}

export interface Query {
  readonly questions: readonly Question[];
  /** Targets of the PTR records that the asker knows (RFC 6762 §7.1). */
  readonly known: readonly string[];
  /** More known answers follow (§7.2). */
  readonly truncated: boolean;
}

/** Undefined: not a query. @throws RangeError for a packet that is cut short */
export function parseQuery(packet: Buffer): Query | undefined {
  const flags = packet.readUInt16BE(2);
  if ((flags & 0x8000) !== 0) return undefined;
  const [questionCount, answerCount] = [packet.readUInt16BE(4), packet.readUInt16BE(6)];
  let at = 12;
  const questions: Question[] = [];
  for (let i = 0; i < questionCount; i += 1) {
    const { name, end } = nameAt(packet, at);
    questions.push({ name, type: packet.readUInt16BE(end) });
    at = end + 4;
  }
  const known: string[] = [];
  for (let i = 0; i < answerCount; i += 1) {
    const { end } = nameAt(packet, at);
    const length = packet.readUInt16BE(end + 8);
    if (packet.readUInt16BE(end) === TYPE.PTR) known.push(nameAt(packet, end + 10).name);
    at = end + 10 + length;
  }
  return { questions, known, truncated: (flags & 0x0200) !== 0 };
}

function nameAt(packet: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  let end: number | undefined;
  for (let hops = 0; hops < 128; hops += 1) {
    const length = packet.readUInt8(at);
    if (length >= 0xc0) {
      end ??= at + 2;
      at = packet.readUInt16BE(at) & 0x3fff;
      continue;
    }
    at += 1;
    if (length === 0) return { name: labels.join('.').toLowerCase(), end: end ?? at };
    labels.push(packet.toString('utf8', at, at + length));
    at += length;
  }
  throw new RangeError('a name that does not end');
}

export interface Answer {
  readonly name: string;
  readonly type: number;
  readonly ttl: number;
  readonly data: (message: Message) => void;
}

/** A response, written with compressed names (RFC 1035 §4.1.4). */
export class Message {
  readonly #bytes = Buffer.alloc(9000);
  readonly #names = new Map<string, number>();
  #at = 12;

  static response(answers: readonly Answer[]): Buffer {
    const message = new Message();
    message.#bytes.writeUInt16BE(0x8400, 2);
    message.#bytes.writeUInt16BE(answers.length, 6);
    for (const answer of answers) message.#answer(answer);
    return message.#bytes.subarray(0, message.#at);
  }

  #answer({ name, type, ttl, data }: Answer): void {
    this.name(name);
    this.short(type);
    this.short(type === TYPE.PTR ? IN : IN_FLUSH);
    this.#at = this.#bytes.writeUInt32BE(ttl, this.#at);
    const lengthAt = this.#at;
    this.#at += 2;
    data(this);
    this.#bytes.writeUInt16BE(this.#at - lengthAt - 2, lengthAt);
  }

  name(name: string): void {
    for (let rest = name; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1 || rest.length)) {
      const known = this.#names.get(rest);
      if (known !== undefined) {
        this.short(0xc000 | known);
        return;
      }
      this.#names.set(rest, this.#at);
      const [label = ''] = rest.split('.', 1);
      this.text(label);
    }
    this.raw([0]);
  }

  short(value: number): void {
    this.#at = this.#bytes.writeUInt16BE(value, this.#at);
  }

  /** With its length in front. */
  text(text: string): void {
    const bytes = Buffer.from(text);
    this.raw([bytes.length]);
    this.raw(bytes);
  }

  raw(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#at = this.#bytes.writeUInt8(byte, this.#at);
  }
}
