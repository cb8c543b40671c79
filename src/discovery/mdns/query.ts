/**
 * mDNS queries as bytes. The library joins labels by dots and cannot ask for a name that has a dot in
 * a label (`h1 v1.2 (x)`), so questions are written here. RFC 1035 §4.1, RFC 6762 §5 and §7.
 */

export type QuestionType = 'A' | 'PTR' | 'TXT' | 'AAAA' | 'SRV';

export interface Question {
  readonly labels: readonly string[];
  readonly type: QuestionType;
}

/** A PTR record that need not be sent again (RFC 6762 §7.1). */
export interface KnownAnswer {
  readonly labels: readonly string[];
  readonly target: readonly string[];
  /** Seconds left. */
  readonly ttl: number;
}

const TYPE_CODE: Readonly<Record<QuestionType, number>> = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33 };
/** What fits in an Ethernet frame over IPv6 with room to spare. */
const PACKET_LIMIT = 1400;
/** Known answers go in so many packets at most; what is left out is merely answered once more. */
const KNOWN_PACKETS = 48;
const TRUNCATED = 0x0200;

/** A packet in the making, with name compression. */
class Packet {
  readonly bytes: number[] = new Array(12).fill(0);
  questions = 0;
  answers = 0;
  readonly #offsets = new Map<string, number>();

  /** Writes `part` unless the packet would grow over the limit: then it is as before, and the answer false. */
  fits(part: () => void): boolean {
    const length = this.bytes.length;
    part();
    if (this.bytes.length <= PACKET_LIMIT || length === 12) return true;
    this.bytes.length = length;
    for (const [suffix, offset] of this.#offsets) if (offset >= length) this.#offsets.delete(suffix);
    return false;
  }

  name(labels: readonly string[]): void {
    for (let i = 0; i < labels.length; i += 1) {
      const suffix = labels.slice(i).join('\0');
      const seen = this.#offsets.get(suffix);
      if (seen !== undefined) {
        this.u16(0xc000 | seen);
        return;
      }
      this.#offsets.set(suffix, this.bytes.length);
      const label = Buffer.from(labels[i] ?? '');
      this.bytes.push(label.length, ...label);
    }
    this.bytes.push(0);
  }

  u16(value: number): void {
    this.bytes.push(value >> 8, value & 0xff);
  }

  u32(value: number): void {
    this.u16(Math.floor(value / 65_536));
    this.u16(value % 65_536);
  }

  finish(truncated: boolean): Buffer {
    const out = Buffer.from(this.bytes);
    out.writeUInt16BE(truncated ? TRUNCATED : 0, 2);
    out.writeUInt16BE(this.questions, 4);
    out.writeUInt16BE(this.answers, 6);
    return out;
  }
}

/** RFC 1035 §2.3.4: a label has 1 to 63 bytes. */
export function isLabel(label: string): boolean {
  const length = Buffer.byteLength(label);
  return length > 0 && length < 64;
}

/** The packets that ask `questions`, with what is known; names that DNS cannot carry are left out. */
export function encodeQuery(questions: readonly Question[], known: readonly KnownAnswer[] = []): Buffer[] {
  const asked = questions.filter((question) => question.labels.every(isLabel));
  if (asked.length === 0) return [];
  const packets: Packet[] = [];
  let packet = new Packet();
  for (const question of asked) {
    const write = () => {
      packet.name(question.labels);
      packet.u16(TYPE_CODE[question.type]);
      packet.u16(1);
    };
    if (!packet.fits(write)) {
      packets.push(packet);
      packet = new Packet();
      write();
    }
    packet.questions += 1;
  }
  packets.push(packet);
  // §7.2: the rest of the list follows in packets without questions, each but the last marked TC.
  const first = packets.length - 1;
  for (const answer of known) {
    if (![...answer.labels, ...answer.target].every(isLabel)) continue;
    if (!packet.fits(() => writeAnswer(packet, answer))) {
      if (packets.length - first >= KNOWN_PACKETS) break;
      packet = new Packet();
      packets.push(packet);
      writeAnswer(packet, answer);
    }
    packet.answers += 1;
  }
  return packets.map((each, index) => each.finish(index >= first && index < packets.length - 1));
}

function writeAnswer(packet: Packet, answer: KnownAnswer): void {
  packet.name(answer.labels);
  packet.u16(TYPE_CODE.PTR);
  packet.u16(1);
  packet.u32(answer.ttl);
  const at = packet.bytes.length;
  packet.u16(0);
  packet.name(answer.target);
  const length = packet.bytes.length - at - 2;
  packet.bytes[at] = length >> 8;
  packet.bytes[at + 1] = length & 0xff;
}
