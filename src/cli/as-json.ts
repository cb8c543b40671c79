/** From the agent's answers to the shapes of `--json`. Pure. */
import type { Application } from '../model/application.ts';
import type { Host, HostAddress, RdpPlace } from '../model/host.ts';
import type { HostSession } from '../model/session.ts';
import type { ActionResult } from '../protocol/api.ts';
import { type Around, placesOf } from '../protocol/places.ts';
import type { AppJson, HostJson, SessionJson } from './json.ts';

/** Without what is undefined. */
type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };
function given<T extends object>(fields: T): Partial<Given<T>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<
    Given<T>
  >;
}

export function sessionJson(session: HostSession, around: Around): SessionJson {
  const places = placesOf(session, around);
  const { ref, name, host, hostKey, backend, localId, kind, state } = session;
  return {
    ...{ ref, name, host, hostKey, backend, id: localId, kind, state },
    ...given({
      stale: session.stale,
      title: session.title,
      command: session.command,
      startedAt: isoTime(session.startedAt),
      windows: session.windows,
      pid: session.pid,
    }),
    shownAt: places.map((place) => place.host),
    shownHere: places.some((place) => place.isHere),
  };
}

/** ISO 8601 of seconds since the epoch; undefined for what no calendar has. */
function isoTime(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined;
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

export function hostJson(host: Host, sessions: readonly HostSession[]): HostJson {
  return {
    name: host.name,
    key: host.key,
    ...given({ hostId: host.hostId, hostName: host.hostName }),
    aliases: host.aliases ?? [],
    state: host.state,
    addresses: addressesOf(host),
    ...given({ sshPort: host.sshPort, sshName: host.sshName, rdp: host.rdp && rdpJson(host.rdp) }),
    foundBy: host.finders,
    backends: host.backends ?? {},
    sessions: sessions.filter((session) => session.hostKey === host.key).length,
    ...given({ version: host.version, advertised: advertisedOf(host), problem: host.problem }),
  };
}

function rdpJson({ host, port, user }: RdpPlace): NonNullable<HostJson['rdp']> {
  return { host, port, ...given({ user }) };
}

export function appJson(app: Application): AppJson {
  const { id, name, categories, terminal, command } = app;
  return {
    ...{ id, name, categories, terminal, command },
    ...given({
      comment: app.comment,
      path: app.path,
      icon: app.icon,
      windowClass: app.windowClass,
      hidden: app.hidden,
      usedAt: isoTime(app.usedAt),
    }),
  };
}

/** Routable before link-local, IPv4 before IPv6: the order a person would try them in. */
export function addressesOf(host: Pick<Host, 'addresses'>): string[] {
  const rank = (a: HostAddress) => (a.scope === undefined ? 0 : 2) + (a.family === 4 ? 0 : 1);
  return [...host.addresses]
    .sort((a, b) => rank(a) - rank(b))
    .map((a) => (a.scope === undefined ? a.address : `${a.address}%${a.scope}`));
}

/** How many sessions the adverts claim; undefined where none says. */
export function advertisedOf(host: Pick<Host, 'adverts'>): number | undefined {
  const counts = host.adverts.flatMap((advert) => advert.sessionCount ?? []);
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}

export function actionJson(result: ActionResult, around: Around): Record<string, unknown> {
  const { viewer } = result;
  return {
    session: sessionJson(result.session, around),
    ...given({
      viewer: viewer && { id: viewer.id, seat: viewer.seat, ...given({ pid: viewer.pid }) },
      wantsTerminal: result.wantsTerminal,
      why: result.why,
      leftOut: result.leftOut,
      timings: result.timings,
    }),
  };
}
