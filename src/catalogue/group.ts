/**
 * Which sightings are one host. Pure. Two sightings are joined by the same hostId, then by the same
 * resolvable name, the same bare name, the same address; never when that would join two hostIds,
 * since two machines may well be called raspberrypi, nor when ssh gets there by another user, port or
 * jump host: two machines may share an address, and two users a machine.
 */
import type { Sighting, SshRoute } from '../model/host.ts';

/** A sighting with what it can be joined by, strongest first. */
export interface Joinable {
  readonly sighting: Sighting;
  readonly hostId: string | undefined;
}

const TOKENS: readonly ((item: Joinable) => readonly string[])[] = [
  (item) => (item.hostId ? [`id:${item.hostId}`] : []),
  ({ sighting: s }) => (s.hostName ? [`host:${fold(s.hostName)}`] : []),
  ({ sighting: s }) => [
    `name:${fold(s.name)}`,
    ...(s.hostName?.endsWith('.local') ? [`name:${fold(s.hostName.slice(0, -6))}`] : []),
  ],
  ({ sighting: s }) =>
    s.addresses.flatMap(({ address, scope }) => {
      const at = `addr:${address}${scope ? `%${scope}` : ''}`;
      return s.sshPort === undefined ? [at] : [at, `${at} ${s.sshPort}`];
    }),
  // An ssh_config entry whose HostName is an address or a found name.
  ({ sighting: s }) => {
    // Behind a jump host, or at another port, that may be another machine.
    if (!s.hostName || s.route?.via) return [];
    const at = `addr:${s.hostName}`;
    const port = s.route?.port ?? 22;
    return port === 22 ? [at, `name:${fold(s.hostName)}`] : [`${at} ${port}`];
  },
];

/** What the members of a group have in common; undefined is not known. */
interface Marks {
  readonly id: string | undefined;
  readonly user: string | undefined;
  readonly port: number | undefined;
  readonly via: string | undefined;
}

function marksOf({ sighting: { sshPort, route, advert }, hostId }: Joinable): Marks {
  const port = route?.port ?? (advert ? sshPort : undefined);
  return { id: hostId, user: route?.user, port, via: route?.via };
}

/** What the user has named twice is one host, and the first says most: it was typed in. */
function withRoutes(items: readonly Joinable[]): Joinable[] {
  const routes = new Map<string, SshRoute>();
  for (const { sighting } of items) {
    if (!sighting.route || !sighting.sshName) continue;
    const { user, port, via } = routes.get(fold(sighting.name)) ?? {};
    routes.set(fold(sighting.name), {
      user: user ?? sighting.route.user,
      port: port ?? sighting.route.port,
      via: via ?? sighting.route.via,
    });
  }
  return items.map((item) => {
    const route = item.sighting.sshName === undefined ? undefined : routes.get(fold(item.sighting.name));
    return route ? { ...item, sighting: { ...item.sighting, route } } : item;
  });
}

/** Undefined where the two cannot be one. */
function together(a: Marks, b: Marks): Marks | undefined {
  if (differ(a.id, b.id) || differ(a.user, b.user) || differ(a.port, b.port) || differ(a.via, b.via)) {
    return undefined;
  }
  return { id: a.id ?? b.id, user: a.user ?? b.user, port: a.port ?? b.port, via: a.via ?? b.via };
}

function differ<T>(a: T | undefined, b: T | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

/** Groups in the order of their first member. */
export function groupSightings(items: readonly Joinable[]): Joinable[][] {
  const parent = items.map((_, i) => i);
  const marks = withRoutes(items).map(marksOf);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] ?? at] ?? at;
      at = parent[at] ?? at;
    }
    return at;
  };
  const join = (a: number, b: number) => {
    const [x, y] = [root(a), root(b)];
    if (x === y) return;
    const [low, high] = x < y ? [x, y] : [y, x];
    const [one, other] = [marks[low], marks[high]];
    const both = one && other && together(one, other);
    if (!both) return;
    parent[high] = low;
    marks[low] = both;
  };
  const owner = new Map<string, number>();
  for (const tokensOf of TOKENS) {
    items.forEach((item, i) => {
      for (const token of tokensOf(item)) {
        const first = owner.get(token);
        if (first === undefined) owner.set(token, i);
        else join(first, i);
      }
    });
  }
  const groups = new Map<number, Joinable[]>();
  items.forEach((item, i) => {
    const at = root(i);
    const group = groups.get(at);
    if (group) group.push(item);
    else groups.set(at, [item]);
  });
  return [...groups.values()];
}

function fold(name: string): string {
  return name.toLowerCase().replace(/\.$/u, '');
}
