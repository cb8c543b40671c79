import { HotdeskError } from '../kernel/errors.ts';
import type { Host } from '../model/host.ts';
import { namesOf } from '../model/host-names.ts';
import { hostMatches } from '../model/ref.ts';
import type { Snapshot } from '../protocol/api.ts';

/**
 * The host that the user means.
 * @throws HotdeskError `unknown-host` with the hosts there are
 */
export function findHost(hosts: readonly Host[], wanted: string): Host {
  const found = hosts.find((host) => hostMatches(wanted, namesOf(host)));
  if (found) return found;
  throw new HotdeskError('unknown-host', `There is no host “${wanted}”.`, {
    candidates: hosts.map((host) => host.name),
    hint: 'See `hotdesk hosts`; add one that is not found by itself: `hotdesk hosts add NAME`.',
  });
}

/**
 * A snapshot's sessions on one host; all hosts stay, since they name the places where sessions are shown.
 * @throws HotdeskError `unknown-host`
 */
export function onHost(snapshot: Snapshot, wanted: string): Snapshot {
  const host = findHost(snapshot.hosts, wanted);
  return { ...snapshot, sessions: snapshot.sessions.filter((session) => session.hostKey === host.key) };
}
