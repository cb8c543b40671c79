/**
 * From service instances to sightings: one for each agent, and one for each host of the agentless
 * types, however many instances it has. The mDNS and the Avahi finder keep the same keys, so one
 * can take over from the other.
 */
import type { Advert, FinderName, HostAddress, Sighting } from '../model/host.ts';
import { RDP_PORT } from '../model/rdp-target.ts';
import { bareHostName, foldName, HOTDESK, RDP, SERVICE_TYPES, type ServiceType, SSH } from './services.ts';

/** A resolved instance. */
export interface Instance {
  readonly type: ServiceType;
  /** First label, as it was published: may hold anything. */
  readonly name: string;
  /** `alpha.local` */
  readonly hostName: string;
  readonly port: number;
  readonly addresses: readonly HostAddress[];
  readonly advert?: Advert | undefined;
}

export interface Changes {
  readonly found: readonly Sighting[];
  readonly lost: readonly string[];
}

export class SightingBook {
  readonly #finder: FinderName;
  readonly #keyOf = new Map<string, string>();
  readonly #members = new Map<string, Map<string, Instance>>();
  readonly #told = new Map<string, string>();
  readonly #touched = new Set<string>();

  constructor(finder: FinderName) {
    this.#finder = finder;
  }

  /** What is known of the instance `id` now; undefined: it is gone. */
  set(id: string, instance: Instance | undefined): void {
    const before = this.#keyOf.get(id);
    const isThere = instance !== undefined && (instance.type !== RDP || instance.port > 0);
    const key = isThere ? keyOf(instance) : undefined;
    if (before !== undefined && before !== key) {
      const rest = this.#members.get(before);
      rest?.delete(id);
      if (rest?.size === 0) this.#members.delete(before);
      this.#keyOf.delete(id);
      this.#touched.add(before);
    }
    if (instance === undefined || key === undefined) return;
    this.#keyOf.set(id, key);
    const members = this.#members.get(key) ?? new Map<string, Instance>();
    members.set(id, instance);
    this.#members.set(key, members);
    this.#touched.add(key);
  }

  /** The ids of the instances that a sighting was made of. */
  idsOf(key: string): string[] {
    return [...(this.#members.get(key)?.keys() ?? [])];
  }

  /** What is new since the last call. A sighting that says the same as before is not in it. */
  changes(): Changes {
    const found: Sighting[] = [];
    const lost: string[] = [];
    for (const key of this.#touched) {
      const members = this.#members.get(key);
      if (members === undefined) {
        if (this.#told.delete(key)) lost.push(key);
        continue;
      }
      const sighting = sightingOf(this.#finder, key, [...members.values()]);
      const text = JSON.stringify(sighting);
      if (this.#told.get(key) === text) continue;
      this.#told.set(key, text);
      found.push(sighting);
    }
    this.#touched.clear();
    return { found, lost };
  }
}

function keyOf(instance: Instance): string {
  return instance.type === HOTDESK
    ? `agent:${foldName(instance.name)}`
    : `host:${foldName(instance.hostName)}`;
}

function sightingOf(finder: FinderName, key: string, members: readonly Instance[]): Sighting {
  const first = members[0] as Instance;
  const addresses = new Map<string, HostAddress>();
  for (const { address, family, scope } of members.flatMap((m) => m.addresses)) {
    addresses.set(`${address}%${scope ?? ''}`, { address, family, ...(scope ? { scope } : {}) });
  }
  const port = members.find((m) => m.type === HOTDESK || m.type === SSH)?.port;
  const advert = members.find((m) => m.advert)?.advert;
  const rdpPort = usualFirst(members.flatMap((m) => (m.type === RDP ? [m.port] : [])))[0];
  return {
    finder,
    key,
    name: bareHostName(first.hostName),
    hostName: first.hostName,
    addresses: [...addresses.values()].sort(byReach).slice(0, 16),
    services: SERVICE_TYPES.filter((type) => members.some((m) => m.type === type)),
    ...(port === undefined ? {} : { sshPort: port }),
    ...(advert ? { advert } : {}),
    ...(rdpPort === undefined ? {} : { rdp: { host: first.hostName, port: rdpPort, typed: false } }),
  };
}

/** What anybody else says of a host does not take the usual port from it; the order of arrival does not show. */
function usualFirst(ports: readonly number[]): number[] {
  return [...ports].sort((a, b) => Number(b === RDP_PORT) - Number(a === RDP_PORT) || a - b);
}

/** IPv4, then IPv6, link-local last; ties by text, so that the order of arrival does not show. */
function byReach(a: HostAddress, b: HostAddress): number {
  const rank = ({ family, scope }: HostAddress) => (family === 4 ? 0 : scope ? 2 : 1);
  return rank(a) - rank(b) || (a.address < b.address ? -1 : a.address > b.address ? 1 : 0);
}
