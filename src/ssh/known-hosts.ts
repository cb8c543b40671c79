/** known_hosts as data: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. Pure. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface KnownHost {
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  /** The first field as it is: patterns, or one hashed name. */
  readonly hosts: string;
  /** Key type: `ssh-ed25519`. */
  readonly type: string;
  readonly key: Buffer;
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** The entries of one file. A line that is none is passed over, as OpenSSH does: it can vouch for nothing. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  const entries: KnownHost[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const fields = raw.trim().split(/[ \t]+/u);
    if (!fields[0] || fields[0].startsWith('#')) continue;
    const marked = fields[0].startsWith('@');
    const [hosts, type, blob] = marked ? fields.slice(1) : fields;
    const marker = marked ? fields[0].slice(1) : undefined;
    if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') continue;
    if (!hosts || !type || !blob || !/^[A-Za-z0-9+/]+={0,2}$/u.test(blob)) continue;
    const key = Buffer.from(blob, 'base64');
    if (keyType(key) !== type) continue;
    entries.push({ marker, hosts, type, key, file, line: index + 1 });
  }
  return entries;
}

/** Type that an SSH key blob says of itself (RFC 4253 §6.6), or undefined. */
export function keyType(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const length = key.readUInt32BE(0);
  if (length === 0 || length > 64 || key.length < 4 + length) return undefined;
  return key.toString('latin1', 4, 4 + length);
}

/** `SHA256:…` as ssh-keygen -l prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/u, '')}`;
}

/**
 * Does the entry speak of `name`? A pattern list matches when one pattern does and no negated one does.
 * @param name as OpenSSH looks it up: lower case, `[host]:port` where the port is not 22
 */
export function entryMatches(entry: Pick<KnownHost, 'hosts'>, name: string): boolean {
  const wanted = name.toLowerCase();
  if (entry.hosts.startsWith('|')) return hashMatches(entry.hosts, wanted);
  let matched = false;
  for (const pattern of entry.hosts.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!globMatches(negated ? pattern.slice(1) : pattern, wanted)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** `|1|salt|hash`: HMAC-SHA1 of the name under the salt. @param salt 20 bytes */
export function hashName(name: string, salt: Buffer): string {
  return `|1|${salt.toString('base64')}|${hmac(name.toLowerCase(), salt).toString('base64')}`;
}

function hmac(name: string, salt: Buffer): Buffer {
  return createHmac('sha1', salt).update(name).digest();
}

function hashMatches(hosts: string, name: string): boolean {
  const [empty, version, salt, hash, rest] = hosts.split('|');
  if (empty !== '' || version !== '1' || !salt || !hash || rest !== undefined) return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = hmac(name, Buffer.from(salt, 'base64'));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** `*` any run, `?` any one character; nothing else is special (so `[` is itself). Never more than length × length steps. */
export function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p;
      mark = t;
      p += 1;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      mark += 1;
      t = mark;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
