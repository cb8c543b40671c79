/** Host certificates of OpenSSH (PROTOCOL.certkeys): what one says, and whether it vouches for a host. Pure; what is read is hostile. */
import { sanitise } from '../kernel/text.ts';
import { BlobReader } from './auth/blob.ts';
import { readCertified } from './auth/certificate.ts';
import { globMatches } from './known-hosts.ts';
import { isSigned } from './signature.ts';

export interface HostCertificate {
  /** The key that it certifies, as a public key. */
  readonly key: Buffer;
  readonly isForHosts: boolean;
  /** Names that it is for, maybe with `*` and `?`. As they are: sanitise before showing. */
  readonly principals: readonly string[];
  /** From when on, and until just before when it holds: seconds since 1970. */
  readonly from: bigint;
  readonly until: bigint;
  /** Names of the conditions under which alone it holds. As they are. */
  readonly conditions: readonly string[];
  /** Public key of who signed it. */
  readonly authority: Buffer;
  /** Undefined: signed in a way that is not accepted (`ssh-rsa`, which is SHA-1), and so by nobody that we know of. */
  readonly isSigned: true | undefined;
}

/** As in OpenSSH. */
const MOST_PRINCIPALS = 256;
/** More than a packet of SSH holds (RFC 4253 §6.1). */
const MOST_BYTES = 65_536;
const FOR_USERS = 1;
const FOR_HOSTS = 2;

/** Undefined for what is no certificate, or whose signature is not that of the authority that it names. */
export function parseHostCertificate(blob: Buffer): HostCertificate | undefined {
  if (blob.length > MOST_BYTES) return undefined;
  const reader = new BlobReader(blob);
  const certified = readCertified(reader);
  // Its serial number, of which nothing is wanted.
  if (!certified || uint64(reader) === undefined) return undefined;
  const kind = reader.uint32();
  const id = reader.string();
  const principals = texts(reader.string());
  const from = uint64(reader);
  const until = uint64(reader);
  const conditions = options(reader.string());
  const extensions = options(reader.string());
  const reserved = reader.string();
  const authority = reader.string();
  const body = blob.subarray(0, reader.position);
  const signature = reader.string();
  if (!id || !principals || !conditions || !extensions || !reserved || !authority || !signature) {
    return undefined;
  }
  if (from === undefined || until === undefined || reader.position !== blob.length) return undefined;
  if (kind !== FOR_USERS && kind !== FOR_HOSTS) return undefined;
  if (principals.length > MOST_PRINCIPALS) return undefined;
  const right = isSigned(authority, body, signature);
  if (right === false) return undefined;
  return {
    key: certified.key,
    isForHosts: kind === FOR_HOSTS,
    principals,
    from,
    until,
    conditions,
    authority,
    isSigned: right,
  };
}

/**
 * Why the certificate does not vouch for the host `name`, to go on after “its certificate”; undefined: it
 * does. As OpenSSH 10.3 judges: one that names no host, which older ones took for one of every host,
 * vouches for none (CVE-2024-7594).
 * @param name as ssh looks it up, lower case, without a port
 * @param at milliseconds since 1970
 */
export function refusalOf(certificate: HostCertificate, name: string, at: number): string | undefined {
  const { principals, conditions, from, until } = certificate;
  const now = BigInt(Math.floor(at / 1000));
  if (!certificate.isForHosts) return 'is one for users, not for hosts';
  if (now < from) return `is not valid before ${timeOf(from)}`;
  if (now >= until) return `has expired: it was valid until ${timeOf(until)}`;
  if (principals.length === 0) return 'names no host';
  if (!principals.some((pattern) => globMatches(pattern, name))) {
    return `is for ${listed(principals)}, not for ${name}`;
  }
  if (conditions.length > 0) return `holds under conditions that are not known here: ${listed(conditions)}`;
  if (!certificate.isSigned) return 'is signed in a way that is not safe any more (SHA-1), or not known here';
  return undefined;
}

function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, 4).map((text) => sanitise(text, 60) || '“”');
  return `${shown.join(', ')}${texts.length > shown.length ? ` and ${texts.length - shown.length} more` : ''}`;
}

function timeOf(seconds: bigint): string {
  // Of what is no Date any more.
  if (seconds > 8_640_000_000_000n) return 'the end of time';
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function uint64(reader: BlobReader): bigint | undefined {
  const high = reader.uint32();
  const low = reader.uint32();
  return high === undefined || low === undefined ? undefined : (BigInt(high) << 32n) | BigInt(low);
}

/** Strings one after the other, and nothing else. */
function texts(bytes: Buffer | undefined): string[] | undefined {
  if (!bytes) return undefined;
  const reader = new BlobReader(bytes);
  const found: string[] = [];
  while (reader.position < bytes.length) {
    const text = reader.text();
    if (text === undefined || text.includes('\0')) return undefined;
    found.push(text);
  }
  return found;
}

/** The names of options, each followed by its data. */
function options(bytes: Buffer | undefined): string[] | undefined {
  if (!bytes) return undefined;
  const reader = new BlobReader(bytes);
  const names: string[] = [];
  while (reader.position < bytes.length) {
    const name = reader.text();
    if (name === undefined || !reader.string()) return undefined;
    names.push(name);
  }
  return names;
}
