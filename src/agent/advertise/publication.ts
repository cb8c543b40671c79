/** What an agent publishes, with names that DNS can carry and that nobody else has. */
import type { Publication } from '../../discovery/advertiser.ts';
import type { Advert } from '../../model/host.ts';
import { cut, encodeTxt } from '../../protocol/txt.ts';

/** RFC 1035 §2.3.4. */
const LABEL_LIMIT = 63;

/**
 * @param host bare host name
 * @param port of sshd
 */
export function publicationFor(host: string, port: number, advert: Advert): Publication {
  const hostName = labelOf(host);
  // Names in conflict cost the rightful owner his (bonjour-service's loser says goodbye for both), so
  // there are none: host and process are in the name.
  const suffix = `-${advert.hostId.slice(0, 6)}-${advert.agentId.slice(0, 8)}`;
  const instance = `${cut(hostName, LABEL_LIMIT - suffix.length).toString('utf8')}${suffix}`;
  return { instance, hostName, port, txt: encodeTxt(advert) };
}

/** Letters, digits and hyphens (RFC 952), as Avahi makes them of a host's name. */
function labelOf(host: string): string {
  const bare = host.split('.')[0] ?? '';
  const clean = bare
    .replace(/[^a-zA-Z0-9-]+/gu, '-')
    .slice(0, LABEL_LIMIT)
    .replace(/^-+|-+$/gu, '');
  return clean || 'host';
}
