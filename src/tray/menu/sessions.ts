/** Sessions at hand: in which order, and what can be done with each. Pure. */
import type { HostSession } from '../../model/session.ts';
import type { Snapshot } from '../../protocol/api.ts';
import type { SortedSessions } from '../../protocol/excerpt.ts';
import { placesOf } from '../../protocol/places.ts';
import type { MenuInput } from './input.ts';
import { branch, confirmed, cut, distinct, leaf, line } from './items.ts';
import type { MenuLimits, MenuNode } from './model.ts';

type Asked = MenuInput & { readonly snapshot: Snapshot };

export function sessionItems(input: Asked, sorted: SortedSessions, limits: MenuLimits): MenuNode[] {
  const all = distinct([...sorted.detached, ...sorted.elsewhere, ...sorted.here], idOf);
  if (all.length === 0) return [line('no-sessions', 'No sessions')];
  const names = new Map<string, number>();
  for (const s of all) names.set(`${s.hostKey}\0${s.name}`, (names.get(`${s.hostKey}\0${s.name}`) ?? 0) + 1);
  const isTwin = (s: HostSession) => (names.get(`${s.hostKey}\0${s.name}`) ?? 0) > 1;
  return cut(
    all,
    limits.sessions,
    (session) => sessionItem(input, session, isTwin(session), limits),
    (left) => leaf('more-sessions', `More… (${left})`, { do: 'show-list' }),
    totalOf(input.snapshot).sessions,
  );
}

/** How much there is, whether the rows are all of it or not. */
export function totalOf({ totals, sessions, hosts }: Snapshot): { sessions: number; hosts: number } {
  if (!totals) return { sessions: sessions.length, hosts: hosts.length };
  return { sessions: totals.detached + totals.elsewhere + totals.here, hosts: totals.hosts };
}

const idOf = (s: HostSession) => `session/${s.hostKey}/${s.backend}:${s.localId}`;

function sessionItem(input: Asked, session: HostSession, isTwin: boolean, limits: MenuLimits): MenuNode {
  const id = idOf(session);
  const places = placesOf(session, input.snapshot);
  const name = isTwin ? `${session.name} (${session.backend}:${session.localId})` : session.name;
  const at = places.map((place) => (place.isHere ? 'here' : place.host)).join(', ');
  const underWay = input.underWay.get(session.ref);
  const isAsleep = input.snapshot.hosts.some((h) => h.key === session.hostKey && h.state === 'asleep');
  const state =
    underWay ??
    (isAsleep ? 'asleep' : undefined) ??
    (session.state === 'dead' ? 'dead' : at && `shown ${at === 'here' ? at : `at ${at}`}`);
  const text = `${name} — ${session.host}${state ? ` (${state})` : ''}`;
  if (isAsleep) return branch(id, text, [line(`${id}/asleep`, `${session.host} is asleep`)], iconOf(session));
  const isHere = places.some((place) => place.isHere);
  const verbs = { isHere, isElsewhere: places.length > 0 && !isHere, isShown: places.length > 0 };
  return branch(id, text, verbItems(input, session, id, verbs, limits), iconOf(session));
}

function iconOf(session: HostSession): string {
  if (session.kind === 'terminal') return 'utilities-terminal-symbolic';
  return session.kind === 'app' ? 'application-x-executable-symbolic' : 'video-display-symbolic';
}

interface Shown {
  readonly isHere: boolean;
  /** Somebody shows it, and nobody here. */
  readonly isElsewhere: boolean;
  readonly isShown: boolean;
}

/** Only what the backend can, and what makes sense now. */
function verbItems(
  input: Asked,
  session: HostSession,
  id: string,
  { isHere, isElsewhere, isShown }: Shown,
  limits: MenuLimits,
): MenuNode[] {
  const { ref } = session;
  const can = new Set(input.can.get(session.backend) ?? []);
  const isLive = session.state === 'live';
  const items: MenuNode[] = [];
  if (isLive && !isHere && input.seat !== undefined) {
    if (can.has('attach'))
      items.push(
        leaf(`${id}/open`, isElsewhere ? 'Bring here' : 'Open here', { do: 'open', ref, mode: 'take' }),
      );
    if (can.has('share') && isElsewhere)
      items.push(leaf(`${id}/share`, 'Share here', { do: 'open', ref, mode: 'share' }));
    if (can.has('readonly'))
      items.push(leaf(`${id}/readonly`, 'Show read-only', { do: 'open', ref, mode: 'readonly' }));
  }
  if (isLive && can.has('move')) items.push(...openAt(input, session, id, limits));
  if (isLive && can.has('detach') && isShown)
    items.push(leaf(`${id}/detach`, 'Detach', { do: 'detach', ref }));
  if (isLive && can.has('rename')) items.push(leaf(`${id}/rename`, 'Rename…', { do: 'rename', ref }));
  if (can.has('stop')) {
    const yes = `Yes, end ${session.name} and what runs in it`;
    items.push(confirmed(`${id}/stop`, 'Stop…', yes, { do: 'stop', ref }));
  }
  return items.length > 0 ? items : [line(`${id}/none`, `${session.backend} sessions are only listed`)];
}

/** The seats where it is not shown: other ones of this machine, and hosts with an agent to open it. */
function openAt(input: Asked, session: HostSession, id: string, limits: MenuLimits): MenuNode[] {
  const { snapshot } = input;
  const { ref } = session;
  const shown = new Set(placesOf(session, snapshot).map((place) => place.host));
  const seats = snapshot.seats
    .filter((seat) => seat.id !== input.seat)
    .map((seat) =>
      leaf(`${id}/at/seat/${seat.id}`, `${seat.id} here`, { do: 'open-at', ref, seat: seat.id }),
    );
  const hosts = snapshot.hosts
    .filter((host) => host.state === 'agent' && !shown.has(host.name))
    .map((host) => leaf(`${id}/at/host/${host.key}`, host.name, { do: 'send', ref, to: host.key }));
  const items = cut(
    [...seats, ...hosts],
    limits.seats,
    (item) => item,
    (left) => leaf(`${id}/at/more`, `More… (${left})`, { do: 'show-hosts' }),
  );
  return items.length > 0 ? [branch(`${id}/at`, 'Open at', items)] : [];
}
