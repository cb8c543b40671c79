/** Where a session is shown, in names. Pure. */
import type { Host } from '../model/host.ts';
import type { HostSession, Watcher } from '../model/session.ts';
import type { Snapshot } from './api.ts';

export interface Place {
  /** Host name; `?` where the backend does not tell. */
  readonly host: string;
  readonly isHere: boolean;
}

export type Around = Pick<Snapshot, 'self' | 'hosts'> & { readonly viewers?: Snapshot['viewers'] };

/** One entry a host, in the order of the watchers. */
export function placesOf(session: HostSession, around: Around): Place[] {
  const places = new Map<string, Place>();
  const viewers = around.viewers ?? [];
  // Of a backend that only counts them, those that we know to be ours are no others.
  let own = viewers.filter((v) => v.ref === session.ref && v.state === 'shown').length;
  for (const watcher of session.watchers) {
    if (isNameless(watcher) && own > 0) {
      own -= 1;
      continue;
    }
    const host = hostOf(watcher, around.hosts);
    const isHere = host?.key === around.self || viewers.some((v) => v.id === watcher.viewerId);
    const name = host?.name ?? watcher.host ?? '?';
    if (!places.has(name)) places.set(name, { host: name, isHere });
  }
  // The backend's listing may be a moment behind a viewer that has just opened here.
  if (
    viewers.some((v) => v.ref === session.ref && v.state === 'shown') &&
    ![...places.values()].some((p) => p.isHere)
  ) {
    const self = around.hosts.find((host) => host.key === around.self)?.name ?? '?';
    places.set(self, { host: self, isHere: true });
  }
  return [...places.values()];
}

function isNameless({ host, hostId, viewerId }: Watcher): boolean {
  return host === undefined && hostId === undefined && viewerId === undefined;
}

function hostOf(watcher: Watcher, hosts: readonly Host[]): Host | undefined {
  const byId = watcher.hostId && hosts.find((host) => host.hostId === watcher.hostId);
  if (byId) return byId;
  return watcher.host === undefined
    ? undefined
    : hosts.find((host) => host.key === watcher.host || host.name === watcher.host);
}
