/** The one DNS question of setup and its answer, as bytes: RFC 1035 §4, SSHFP RFC 4255 §3, EDNS RFC 6891 §6. Pure. */

/** RFC 4255 §3. */
const SSHFP = 44;
const OPT = 41;
const IN = 1;
/** Largest answer by UDP, as DNS Flag Day 2020 has it. */
const UDP_BYTES = 1232;

export interface SshfpRecord {
  /** 1 RSA, 3 ECDSA (RFC 6594), 4 Ed25519 (RFC 7479), 6 Ed448 (RFC 8709). */
  readonly algorithm: number;
  /** 1 SHA-1, 2 SHA-256. */
  readonly type: number;
  readonly fingerprint: Buffer;
}

export interface Answer {
  /** 0: no error; 3: no such name. RFC 1035 §4.1.1. */
  readonly code: number;
  /** Authentic data: the resolver validated all of it (RFC 4035 §3.2.3). */
  readonly authentic: boolean;
  /** Cut off: to be asked again by TCP. */
  readonly truncated: boolean;
  readonly records: readonly SshfpRecord[];
}

/** The question for a name's SSHFP records, with the AD bit: the asker understands it (RFC 6840 §5.7). */
export function sshfpQuestion(id: number, name: string): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  // RD and AD.
  header.writeUInt16BE(0x0120, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(1, 10);
  const opt = Buffer.alloc(11);
  opt.writeUInt16BE(OPT, 1);
  opt.writeUInt16BE(UDP_BYTES, 3);
  return Buffer.concat([header, wireName(name), words(SSHFP, IN), opt]);
}

/** The answer to a question of ours; undefined for anything else, which is to be waited past. */
export function sshfpAnswer(message: Buffer, id: number, name: string): Answer | undefined {
  if (message.length < 12 || message.readUInt16BE(0) !== id) return undefined;
  const flags = message.readUInt16BE(2);
  const isResponse = (flags & 0x8000) !== 0;
  if (!isResponse || message.readUInt16BE(4) !== 1) return undefined;
  const question = Buffer.concat([wireName(name), words(SSHFP, IN)]);
  const asked = message.subarray(12, 12 + question.length);
  if (asked.toString('latin1').toLowerCase() !== question.toString('latin1')) return undefined;
  return {
    code: flags & 0xf,
    authentic: (flags & 0x20) !== 0,
    truncated: (flags & 0x200) !== 0,
    records: records(message, 12 + question.length, message.readUInt16BE(6)),
  };
}

/** The SSHFP records of the answer section, aliases (CNAME) passed over; AD speaks for all of them. */
function records(message: Buffer, from: number, count: number): SshfpRecord[] {
  const found: SshfpRecord[] = [];
  let at = from;
  for (let n = 0; n < count; n += 1) {
    const end = nameEnd(message, at);
    if (end === undefined || end + 10 > message.length) break;
    const data = end + 10;
    const length = message.readUInt16BE(end + 8);
    if (data + length > message.length) break;
    const isOurs = message.readUInt16BE(end) === SSHFP && message.readUInt16BE(end + 2) === IN;
    if (isOurs && length > 2) {
      found.push({
        algorithm: message.readUInt8(data),
        type: message.readUInt8(data + 1),
        fingerprint: message.subarray(data + 2, data + length),
      });
    }
    at = data + length;
  }
  return found;
}

/** Where a name ends; it is not followed. RFC 1035 §4.1.4. */
function nameEnd(message: Buffer, from: number): number | undefined {
  for (let at = from; at < message.length; ) {
    const length = message[at] ?? 0;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    if (length > 63) return undefined;
    at += length + 1;
  }
  return undefined;
}

/** Lower case; labels as they are. @param name without empty labels, at most 253 bytes */
function wireName(name: string): Buffer {
  const labels = name.toLowerCase().replace(/\.$/u, '').split('.');
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [at, value] of values.entries()) bytes.writeUInt16BE(value, at * 2);
  return bytes;
}
