/**
 * What a view needs that shows the first of everything: sessions in the order in which one comes back to
 * them, cut, with the numbers of what is left out. So a menu costs the same with four thousand sessions
 * as with forty. Pure.
 */
import type { HostSession } from '../model/session.ts';
import type { Snapshot } from './api.ts';

export interface SortedSessions {
  /** Nobody shows them: those to come back to. */
  readonly detached: readonly HostSession[];
  readonly elsewhere: readonly HostSession[];
  readonly here: readonly HostSession[];
}

/** The latest first; what was started at the same time by name. */
export function sortSessions(snapshot: Snapshot): SortedSessions {
  const self = snapshot.hosts.find((host) => host.key === snapshot.self);
  const shownHere = new Set(snapshot.viewers.filter((v) => v.state !== 'closing').map((v) => v.ref));
  const own = new Set(snapshot.viewers.map((v) => v.id));
  const ofSelf = (w: HostSession['watchers'][number]) =>
    (w.viewerId !== undefined && own.has(w.viewerId)) ||
    (w.hostId !== undefined && w.hostId === self?.hostId) ||
    (w.host !== undefined && (w.host === self?.key || w.host === self?.name));
  const sorted = { detached: [], elsewhere: [], here: [] } as Record<keyof SortedSessions, HostSession[]>;
  for (const session of snapshot.sessions) {
    if (shownHere.has(session.ref) || session.watchers.some(ofSelf)) sorted.here.push(session);
    else if (session.watchers.length > 0) sorted.elsewhere.push(session);
    else sorted.detached.push(session);
  }
  for (const list of Object.values(sorted)) list.sort(byStart);
  return sorted;
}

function byStart(a: HostSession, b: HostSession): number {
  return (
    Number(a.state === 'dead') - Number(b.state === 'dead') ||
    (b.startedAt ?? 0) - (a.startedAt ?? 0) ||
    compare(a.name, b.name) ||
    compare(a.ref, b.ref)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @param atMost rows that are kept of each kind */
export function excerptOf(snapshot: Snapshot, atMost: { hosts: number; sessions: number }): Snapshot {
  const { detached, elsewhere, here } = sortSessions(snapshot);
  const counts: Record<string, number> = {};
  const hosts = snapshot.hosts.slice(0, atMost.hosts);
  // This machine is needed to tell what is shown here.
  if (!hosts.some(({ key }) => key === snapshot.self)) {
    hosts.push(...snapshot.hosts.filter(({ key }) => key === snapshot.self));
  }
  for (const { key } of hosts) counts[key] = 0;
  for (const { hostKey } of snapshot.sessions) {
    const count = counts[hostKey];
    if (count !== undefined) counts[hostKey] = count + 1;
  }
  return {
    ...snapshot,
    hosts: hosts.map((host) => (host.adverts.length > 0 ? { ...host, adverts: [] } : host)),
    sessions: [...detached, ...elsewhere, ...here].slice(0, atMost.sessions),
    totals: {
      hosts: snapshot.hosts.length,
      detached: detached.length,
      elsewhere: elsewhere.length,
      here: here.length,
      counts,
    },
  };
}
