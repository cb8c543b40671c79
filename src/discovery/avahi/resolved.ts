/** What Avahi's signals say, checked. Pure. */
import { isIPv4, isIPv6 } from 'node:net';
import * as z from 'zod/mini';
import type { HostAddress } from '../../model/host.ts';
import { decodeTxt } from '../../protocol/txt.ts';
import type { Instance } from '../book.ts';
import { HOTDESK, linkHostName, SERVICE_TYPES } from '../services.ts';
import { isLinkLocal6, isReachable, type LinkView } from '../subnet.ts';

const Text = z.string().check(z.maxLength(1024));
const Type = z.enum(SERVICE_TYPES);

const ItemBody = z.tuple([z.number(), z.number(), Text, Type, Text, z.number()]);

/** An instance that a ServiceBrowser tells of, not resolved yet. */
export interface Item {
  /** Interface index. */
  readonly index: number;
  /** 0: IPv4, 1: IPv6. */
  readonly protocol: number;
  readonly name: string;
  readonly type: (typeof SERVICE_TYPES)[number];
  readonly domain: string;
}

export function itemOf(body: readonly unknown[]): Item | undefined {
  const parsed = ItemBody.safeParse(body);
  if (!parsed.success) return undefined;
  const [index, protocol, name, type, domain] = parsed.data;
  return domain === 'local' ? { index, protocol, name, type, domain } : undefined;
}

export function itemKey(item: Item): string {
  return `${item.index} ${item.protocol} ${item.type} ${item.name}`;
}

const Bytes = z.array(z.union([z.instanceof(Uint8Array), z.array(z.number())])).check(z.maxLength(200));
const FoundBody = z.tuple([
  ...[z.number(), z.number(), Text, Type, Text, Text, z.number(), Text, z.number(), Bytes],
  z.number(),
] as const);

/** What a ServiceResolver found. @param link the interface that it is on, where hosts are looked for */
export function instanceOf(body: readonly unknown[], link: LinkView): Instance | undefined {
  const parsed = FoundBody.safeParse(body);
  if (!parsed.success) return undefined;
  const [, , name, type, , host, , address, port, txt] = parsed.data;
  const hostName = linkHostName(host);
  if (hostName === undefined) return undefined;
  const entries = txt.map((entry) => Buffer.from(entry));
  const advert = type === HOTDESK ? decodeTxt(entries) : undefined;
  return { type, name, hostName, port, addresses: addressOf(address, link), ...(advert ? { advert } : {}) };
}

function addressOf(address: string, link: LinkView): HostAddress[] {
  if (!isReachable(address, link.onLink)) return [];
  if (isIPv4(address)) return [{ address, family: 4 }];
  if (!isIPv6(address)) return [];
  return [{ address, family: 6, ...(isLinkLocal6(address) ? { scope: link.name } : {}) }];
}
