/** What a decoded mDNS response holds that a browser of services can use. Anything else in it is skipped. */
import { isIPv4, isIPv6 } from 'node:net';

export type RecordData =
  | { readonly type: 'PTR'; readonly target: string }
  | { readonly type: 'SRV'; readonly target: string; readonly port: number }
  | { readonly type: 'TXT'; readonly entries: readonly Buffer[] }
  | { readonly type: 'A' | 'AAAA'; readonly address: string };

export type MdnsRecord = RecordData & {
  /** As the packet has it; the labels joined by dots, their own dots not marked. */
  readonly name: string;
  /** Seconds; 0 is a goodbye (RFC 6762 §10.1). */
  readonly ttl: number;
  /** The cache-flush bit (RFC 6762 §10.2). */
  readonly flush: boolean;
};

/** More records than this in one packet are not looked at. */
const RECORD_LIMIT = 4000;
const TXT_ENTRY_LIMIT = 128;

/** The records of a packet as multicast-dns decodes it: in any section but the questions, of class IN. */
export function recordsOf(packet: unknown): MdnsRecord[] {
  const found: MdnsRecord[] = [];
  for (const section of ['answers', 'additionals'] as const) {
    const list = field(packet, section);
    if (!Array.isArray(list)) continue;
    for (const item of list.slice(0, RECORD_LIMIT)) {
      const record = recordOf(item);
      if (record) found.push(record);
    }
  }
  return found;
}

function recordOf(item: unknown): MdnsRecord | undefined {
  const name = field(item, 'name');
  const ttl = field(item, 'ttl');
  if (typeof name !== 'string' || typeof ttl !== 'number' || field(item, 'class') !== 'IN') return undefined;
  const data = dataOf(field(item, 'type'), field(item, 'data'));
  return data && { ...data, name, ttl, flush: field(item, 'flush') === true };
}

function dataOf(type: unknown, data: unknown): RecordData | undefined {
  switch (type) {
    case 'PTR':
      return typeof data === 'string' ? { type, target: data } : undefined;
    case 'SRV': {
      const target = field(data, 'target');
      const port = field(data, 'port');
      if (typeof target !== 'string' || typeof port !== 'number') return undefined;
      return { type, target, port };
    }
    case 'TXT': {
      const list: unknown[] = Array.isArray(data) ? data.slice(0, TXT_ENTRY_LIMIT) : [];
      return { type, entries: list.filter((entry) => Buffer.isBuffer(entry)) };
    }
    case 'A':
      return typeof data === 'string' && isIPv4(data) ? { type, address: data } : undefined;
    case 'AAAA':
      return typeof data === 'string' && isIPv6(data) ? { type, address: data } : undefined;
    default:
      return undefined;
  }
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
