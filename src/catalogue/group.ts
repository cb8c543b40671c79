/**
 * Which sightings are one host. Pure. Two sightings are joined by the same hostId, then by the same
 * resolvable name, the same bare name, the same address; never when that would join two hostIds,
 * since two machines may well be called raspberrypi.
 */
import type { Sighting } from '../model/host.ts';

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
  ({ sighting: s }) => s.addresses.map((a) => `addr:${a.address}${a.scope ? `%${a.scope}` : ''}`),
  // An ssh_config entry whose HostName is an address or a found name.
  ({ sighting: s }) => (s.hostName ? [`addr:${s.hostName}`, `name:${fold(s.hostName)}`] : []),
];

/** Groups in the order of their first member. */
export function groupSightings(items: readonly Joinable[]): Joinable[][] {
  const parent = items.map((_, i) => i);
  const ids = items.map((item) => item.hostId);
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
    if (x === y || (ids[x] !== undefined && ids[y] !== undefined && ids[x] !== ids[y])) return;
    const [low, high] = x < y ? [x, y] : [y, x];
    parent[high] = low;
    ids[low] ??= ids[high];
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
