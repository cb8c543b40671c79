/**
 * The picture of a host key that `ssh-keygen -lv` draws: the walk of a drunken bishop over the
 * fingerprint's bits, as in fingerprint_randomart() of OpenSSH's sshkey.c. ("The drunken bishop: an analysis
 * of the OpenSSH fingerprint visualization algorithm", Loss et al. 2009.)
 */
import { createHash } from 'node:crypto';

const WIDTH = 17;
const HEIGHT = 9;
/** What a field looks like by how often it was visited; the last two mark the start and the end. */
const MARKS = ' .o+=*BOX@%&#/^SE';
const MOST = MARKS.length - 1;

/** The names and bits by which the picture's frame calls a key. */
interface Kind {
  readonly name: string;
  readonly bits: number;
}

/** The eleven rows. @param key blob (RFC 4253 §6.6) */
export function randomart(key: Buffer): string[] {
  const kind = kindOf(key);
  const fields = walk(createHash('sha256').update(key).digest());
  const rows = Array.from({ length: HEIGHT }, (_, y) =>
    Array.from({ length: WIDTH }, (_, x) => MARKS[Math.min(fields[y * WIDTH + x] ?? 0, MOST)] ?? ' ').join(
      '',
    ),
  );
  // sshkey.c leaves the size out where the title, its NUL included, would not fit.
  const title = kind.bits > 0 ? `[${kind.name} ${kind.bits}]` : `[${kind.name}]`;
  return [
    frame(title.length >= WIDTH ? `[${kind.name}]` : title),
    ...rows.map((row) => `|${row}|`),
    frame('[SHA256]'),
  ];
}

function walk(digest: Buffer): Uint8Array {
  const fields = new Uint8Array(WIDTH * HEIGHT);
  let x = WIDTH >> 1;
  let y = HEIGHT >> 1;
  for (const byte of digest) {
    for (let bits = byte, step = 0; step < 4; step += 1, bits >>= 2) {
      x = Math.max(0, Math.min(WIDTH - 1, x + (bits & 1 ? 1 : -1)));
      y = Math.max(0, Math.min(HEIGHT - 1, y + (bits & 2 ? 1 : -1)));
      const at = y * WIDTH + x;
      if ((fields[at] ?? 0) < MOST - 2) fields[at] = (fields[at] ?? 0) + 1;
    }
  }
  fields[(HEIGHT >> 1) * WIDTH + (WIDTH >> 1)] = MOST - 1;
  fields[y * WIDTH + x] = MOST;
  return fields;
}

function frame(title: string): string {
  const left = (WIDTH - title.length) >> 1;
  return `+${'-'.repeat(left)}${title}${'-'.repeat(WIDTH - title.length - left)}+`;
}

/** sshkey_type() and sshkey_size() of OpenSSH. */
function kindOf(key: Buffer): Kind {
  const [type = '', second = ''] = strings(key);
  const name = type.toString();
  if (name === 'ssh-ed25519') return { name: 'ED25519', bits: 256 };
  if (name === 'sk-ssh-ed25519@openssh.com') return { name: 'ED25519-SK', bits: 256 };
  const curve = /^(sk-)?ecdsa-sha2-nistp(256|384|521)/u.exec(name);
  if (curve) return { name: curve[1] ? 'ECDSA-SK' : 'ECDSA', bits: Number(curve[2]) };
  if (name === 'ssh-rsa') return { name: 'RSA', bits: bitLength(strings(key)[2]) };
  if (name === 'ssh-dss') return { name: 'DSA', bits: bitLength(Buffer.from(second)) };
  return { name: 'unknown', bits: 0 };
}

/** The fields of an SSH blob (RFC 4251 §5, string). */
function strings(blob: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length; ) {
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) break;
    found.push(blob.subarray(at + 4, end));
    at = end;
  }
  return found;
}

/** Of an mpint. */
function bitLength(number: Buffer = Buffer.alloc(0)): number {
  const from = number.findIndex((byte) => byte !== 0);
  if (from < 0) return 0;
  return (number.length - from) * 8 - Math.clz32(number[from] ?? 0) + 24;
}
