/** From what is known to what is shown. Pure: the same input gives the same rows in the same order. */
import type { Advert, Host, HostAddress, HostState, Problem, RdpPlace, Sighting } from '../model/host.ts';
import { formatRef } from '../model/ref.ts';
import type { HostSession, Session } from '../model/session.ts';
import { sayAsleep } from './asleep.ts';
import { groupSightings, type Joinable } from './group.ts';

/** What asking a host directly has shown. Keyed by the host key that was asked (see `keysOf`). */
export interface Answer {
  readonly state: Exclude<HostState, 'local' | 'found'>;
  /** Proved by SSH, unlike an advert's claim. */
  readonly hostId?: string | undefined;
  readonly hostName?: string | undefined;
  readonly version?: string | undefined;
  readonly problem?: Problem | undefined;
  readonly sessions: readonly Session[];
  readonly backends?: Readonly<Record<string, string>> | undefined;
}

export interface Self {
  readonly hostId: string;
  readonly name: string;
  readonly version: string;
  readonly sessions: readonly Session[];
  readonly backends: Readonly<Record<string, string>>;
}

export interface Rows {
  readonly hosts: Host[];
  readonly sessions: HostSession[];
  /** Which answer belongs to which row. */
  readonly answerOf: ReadonlyMap<string, string>;
}

const FINDER_RANK: Readonly<Record<Sighting['finder'], number>> = {
  self: 0,
  manual: 1,
  'ssh-config': 2,
  avahi: 3,
  mdns: 4,
};

/** @param answers by the host key that was asked for them */
export function reduce(
  self: Self,
  sightings: Iterable<Sighting>,
  answers: ReadonlyMap<string, Answer>,
): Rows {
  const me: Sighting = {
    finder: 'self',
    key: 'self',
    name: self.name,
    hostName: `${self.name}.local`,
    addresses: [],
    services: [],
    route: { user: '', via: '' },
  };
  const items: Joinable[] = [{ sighting: me, hostId: self.hostId }];
  const proved = provedIds(answers);
  for (const sighting of [...sightings].sort(bySource)) {
    items.push({ sighting, hostId: sighting.advert?.hostId ?? proved.get(fold(sighting.name)) });
  }
  const answerOf = new Map<string, string>();
  const hosts: Host[] = [];
  const sessions: HostSession[] = [];
  const ids = new Set<string>();
  for (const group of groupSightings(items)) {
    const { host, found, answerKey } = rowOf(group, self, answers, ids);
    if (host.hostId) ids.add(host.hostId);
    hosts.push(host);
    if (answerKey) answerOf.set(host.key, answerKey);
    for (const s of found) sessions.push({ ...s, hostKey: host.key, host: host.name, ref: '' });
  }
  const named = distinctNames(hosts).sort(byState);
  const nameOf = new Map(named.map((h) => [h.key, h.name]));
  const full = sessions.map((s) => {
    const host = nameOf.get(s.hostKey) ?? s.host;
    return { ...s, host, ref: formatRef(s, host) };
  });
  return { hosts: named, sessions: full, answerOf };
}

/** @param taken hostIds of other rows: a machine that is reached by two ways has a row for each */
function rowOf(
  group: readonly Joinable[],
  self: Self,
  answers: ReadonlyMap<string, Answer>,
  taken: ReadonlySet<string>,
) {
  const hostId = group.find((item) => item.hostId !== undefined)?.hostId;
  const own = hostId !== undefined && !taken.has(hostId) ? hostId : undefined;
  const names = unique(group.map((item) => item.sighting.name));
  const keys = [...(own ? [own] : []), ...names.map((n) => `name:${fold(n)}`)];
  const isSelf = group.some((item) => item.sighting.finder === 'self');
  const answerKey = isSelf ? undefined : keys.find((k) => answers.has(k));
  const answer = answerKey ? answers.get(answerKey) : undefined;
  // What calls itself as the host did over SSH goes before adverts that merely claim its id.
  const members = group
    .map((item) => item.sighting)
    .sort((a, b) => Number(isNamed(b, answer)) - Number(isNamed(a, answer)));
  const first = members[0] as Sighting;
  const hostName = members.find((s) => s.hostName)?.hostName;
  const sshName = members.find((s) => s.sshName)?.sshName;
  const sshPort =
    members.find((s) => s.sshPort !== undefined && s.services.includes('_hotdesk._tcp'))?.sshPort ??
    members.find((s) => s.sshPort !== undefined)?.sshPort;
  const aliases = unique(members.flatMap((s) => [s.name, ...(s.hostName ? [s.hostName] : [])])).filter(
    (n) => n !== first.name && n !== hostName,
  );
  const rdp = isSelf ? undefined : rdpOf(members);
  const version = isSelf ? self.version : answer?.version;
  const backends = isSelf ? self.backends : answer?.backends;
  const adverts = isSelf ? [] : members.flatMap((s) => (s.advert ? [s.advert] : []));
  const host: Host = {
    key: own ?? `name:${fold(first.name)}`,
    name: first.name,
    addresses: uniqueAddresses(members.flatMap((s) => s.addresses)),
    finders: unique(members.map((s) => s.finder)),
    state: isSelf ? 'local' : stateOf(answer, adverts, rdp !== undefined && !members.some(saysSsh)),
    adverts,
    ...(hostId ? { hostId } : {}),
    ...(hostName ? { hostName } : {}),
    ...(aliases.length ? { aliases } : {}),
    ...(sshPort === undefined ? {} : { sshPort }),
    ...(sshName ? { sshName } : {}),
    ...(rdp ? { rdp } : {}),
    ...(answer?.problem ? { problem: answer.problem } : {}),
    ...(version ? { version } : {}),
    ...(backends ? { backends: { ...backends } } : {}),
  };
  return { host, found: isSelf ? self.sessions : (answer?.sessions ?? []), answerKey };
}

/** What a host says of its sleep counts for as long as it does not answer. */
function stateOf(answer: Answer | undefined, adverts: readonly Advert[], isRdpOnly: boolean): HostState {
  const state = answer?.state ?? (isRdpOnly ? 'rdp-only' : 'found');
  const isSilent = state === 'found' || state === 'connecting' || state === 'unreachable';
  return isSilent && sayAsleep(adverts) ? 'asleep' : state;
}

/** The user's own words before any advert's. */
function rdpOf(members: readonly Sighting[]): RdpPlace | undefined {
  const places = members.flatMap(({ rdp }) => (rdp ? [rdp] : []));
  return places.find(({ typed }) => typed) ?? places[0];
}

/** Does it let anybody think that SSH answers there? */
function saysSsh({ sshName, sshPort, services, advert, finder, rdp }: Sighting): boolean {
  if (sshName !== undefined || sshPort !== undefined || advert || services.includes('_xpra._tcp'))
    return true;
  return rdp === undefined || finder === 'ssh-config';
}

function isProved(host: Host): boolean {
  return host.state === 'local' || host.state === 'agent' || host.state === 'agentless';
}

/** hostIds that SSH has proved, by the names that were asked and the names that answered. */
function provedIds(answers: ReadonlyMap<string, Answer>): Map<string, string> {
  const ids = new Map<string, string>();
  for (const [key, answer] of answers) {
    if (!answer.hostId) continue;
    if (answer.hostName) ids.set(fold(answer.hostName), answer.hostId);
    if (key.startsWith('name:')) ids.set(key.slice(5), answer.hostId);
  }
  return ids;
}

function isNamed(sighting: Sighting, answer: Answer | undefined): boolean {
  if (FINDER_RANK[sighting.finder] <= FINDER_RANK['ssh-config']) return true;
  return answer?.hostName !== undefined && fold(sighting.name) === fold(answer.hostName);
}

/** Two hosts of one name get a suffix that tells them apart. */
function distinctNames(hosts: readonly Host[]): Host[] {
  const count = new Map<string, number>();
  const proved = new Map<string, number>();
  for (const h of hosts) {
    count.set(fold(h.name), (count.get(fold(h.name)) ?? 0) + 1);
    if (isProved(h)) proved.set(fold(h.name), (proved.get(fold(h.name)) ?? 0) + 1);
  }
  return hosts.map((h) => {
    if ((count.get(fold(h.name)) ?? 0) < 2 || h.state === 'local') return h;
    // An advert that takes the name of a host that SSH knows does not take the name from it.
    if (isProved(h) && proved.get(fold(h.name)) === 1) return h;
    // A machine that is reached by two ways has one of its rows under its id.
    const address = h.addresses[0]?.address;
    const suffix = h.key === h.hostId ? h.hostId.slice(0, 4) : (address ?? h.hostId?.slice(0, 4));
    return suffix
      ? { ...h, name: `${h.name}-${suffix}`, aliases: unique([h.name, ...(h.aliases ?? [])]) }
      : h;
  });
}

const STATE_RANK: Readonly<Record<HostState, number>> = {
  local: 0,
  agent: 1,
  agentless: 2,
  connecting: 3,
  found: 4,
  untrusted: 5,
  'rdp-only': 6,
  asleep: 7,
  unreachable: 8,
};

function byState(a: Host, b: Host): number {
  return STATE_RANK[a.state] - STATE_RANK[b.state] || compare(a.name, b.name) || compare(a.key, b.key);
}

function bySource(a: Sighting, b: Sighting): number {
  return FINDER_RANK[a.finder] - FINDER_RANK[b.finder] || compare(a.key, b.key);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function fold(name: string): string {
  return name.toLowerCase();
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

function uniqueAddresses(addresses: readonly HostAddress[]): HostAddress[] {
  const seen = new Map(addresses.map((a) => [`${a.address}%${a.scope ?? ''}`, a]));
  return [...seen.values()];
}
