/** Names that DNS can carry, made of whatever the machine is called. */
import type { Publication } from '../../discovery/advertiser.ts';
import { cut } from '../../protocol/txt.ts';
import type { Identity } from '../identity.ts';

/** RFC 1035 §2.3.4. */
const LABEL_LIMIT = 63;

/** Unique on the link: two agents of one name never fight over it (a loser says goodbye for both). */
export function instanceOf({ host, hostId, agentId }: Pick<Identity, 'host' | 'hostId' | 'agentId'>): string {
  const suffix = ` ${hostId.slice(0, 4)}${agentId}`;
  return `${cut(host, LABEL_LIMIT - suffix.length).toString('utf8')}${suffix}`;
}

/**
 * The same publication with an instance name of one label of at most 63 bytes, its end kept (that is
 * where the part is that makes it unique), and a host name of letters, digits and hyphens (RFC 952),
 * as Avahi makes them.
 */
export function carriable(publication: Publication): Publication {
  // The library splits names at dots, so one in a label would become two labels.
  const instance = publication.instance.toWellFormed().replaceAll('.', '-');
  return { ...publication, instance: shortened(instance), hostName: labelOf(publication.hostName) };
}

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LABEL_LIMIT) return name || 'host';
  const end = name.slice(-20).toWellFormed();
  return `${cut(name, LABEL_LIMIT - Buffer.byteLength(end)).toString('utf8')}${end}`.slice(-LABEL_LIMIT);
}

function labelOf(host: string): string {
  const bare = host.split('.')[0] ?? '';
  const clean = bare
    .replace(/[^a-zA-Z0-9-]+/gu, '-')
    .replace(/^-+/u, '')
    .slice(0, LABEL_LIMIT);
  return clean.replace(/-+$/u, '') || 'host';
}
