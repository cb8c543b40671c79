/** Which addresses are on a link. RFC 6762 §11. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** One address of an interface of this machine. */
export interface LinkAddress {
  readonly address: string;
  readonly family: 4 | 6;
  readonly prefix: number;
}

/** An interface that hosts can be found on. */
export interface Link {
  /** Interface name: `eth0`. */
  readonly name: string;
  readonly addresses: readonly LinkAddress[];
}

/** A link as the cache of its records needs it. */
export interface LinkView {
  /** Interface name, the scope of link-local addresses. */
  readonly name: string;
  /** Whether an address is in one of the link's subnets. */
  readonly onLink: (address: string) => boolean;
}

/** Tells whether an address belongs to a subnet of the link (fe80::/10 always does). */
export function subnetOf(link: Link): (address: string) => boolean {
  const list = new BlockList();
  for (const { address, family, prefix } of link.addresses) {
    if (prefix > 0) list.addSubnet(address.split('%')[0] ?? address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
  list.addSubnet('fe80::', 10, 'ipv6');
  return (address) => {
    const bare = address.split('%')[0] ?? address;
    if (isIPv4(bare)) return list.check(bare, 'ipv4');
    return isIPv6(bare) && list.check(bare, 'ipv6');
  };
}

const GLOBAL = new BlockList();
// 2000::/3 is all that is routed today; fc00::/7 are ULAs (RFC 4193).
GLOBAL.addSubnet('2000::', 3, 'ipv6');
GLOBAL.addSubnet('fc00::', 7, 'ipv6');

/**
 * Whether a host of the link can be reached at `address`: an on-link one, or a routed IPv6 one.
 * Leaves out loopback, multicast and what is another network's there (its docker0, say).
 */
export function isReachable(address: string, onLink: (address: string) => boolean): boolean {
  if (isIPv4(address)) return !address.startsWith('127.') && address !== '0.0.0.0' && onLink(address);
  // A mapped address is an IPv4 address in disguise (RFC 4291 §2.5.5.2).
  if (!isIPv6(address) || address.startsWith('::')) return false;
  return onLink(address) || GLOBAL.check(address, 'ipv6');
}

export function isLinkLocal6(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/iu.test(address);
}
