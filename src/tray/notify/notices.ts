/**
 * From what the agent tells to what the user is told. Pure: a state, an input and the time give the next
 * state and notices. What belongs together is told together, a little later.
 */
import { sanitiseName } from '../../kernel/text.ts';
import type { HostState } from '../../model/host.ts';
import type { SessionEnd } from '../../model/session-end.ts';
import type { EventData, SeatEvent, Snapshot } from '../../protocol/api.ts';
import type { Notice, Option } from './notice.ts';

/** Sessions that end together are told together, and by then it is known how they ended, in ms. */
const GATHER_MS = 2500;
/** How a session ended is told about when it is seen to be gone, in ms. */
const END_KEPT_MS = 60_000;
const ENDS_LIMIT = 100;
/** Whoever watched a session so short a time before its end has seen that end, in ms. */
const SEEN_MS = 10_000;
/** A host is away so long before that is told: a network that changes is no loss, in ms. */
const AWAY_MS = 8000;
/** A session that was stopped from here may take so long to be gone, in ms. */
const STOPPING_MS = 60_000;
/** Names in one notice; the rest is a number. */
const NAMED = 3;
/** Open choices; the oldest goes. */
const CHOICES_LIMIT = 10;

interface KnownSession {
  readonly name: string;
  readonly hostKey: string;
  readonly shownHere: boolean;
  /** Somebody looks at it, here or elsewhere. */
  readonly watched: boolean;
  /** When somebody last did. */
  readonly watchedAt: number | undefined;
}

interface KnownHost {
  readonly name: string;
  readonly answers: boolean;
  /** Names of its sessions when it answered last. */
  readonly sessions: readonly string[];
  /** Since when it does not answer, ms; undefined while it does. */
  readonly awaySince?: number;
  /** The user has been told that it is away. */
  readonly told: boolean;
}

export interface NoticeState {
  /** By reference; undefined before the first look, which is no news. */
  readonly sessions: ReadonlyMap<string, KnownSession> | undefined;
  readonly hosts: ReadonlyMap<string, KnownHost>;
  /** Ended and not told yet. */
  readonly ended: readonly {
    readonly ref: string;
    readonly name: string;
    readonly hostKey: string;
    readonly at: number;
    /** Somebody looked at it when it ended. */
    readonly seen: boolean;
  }[];
  /** How sessions ended, by reference, with the time that this was told. */
  readonly ends: ReadonlyMap<string, { readonly end: SessionEnd; readonly at: number }>;
  /** Stopped from here, with the time. */
  readonly stopping: ReadonlyMap<string, number>;
  /** Notices with options that nobody has chosen from yet. */
  readonly open: readonly Notice[];
}

export const NOTHING_KNOWN: NoticeState = {
  sessions: undefined,
  hosts: new Map(),
  ended: [],
  ends: new Map(),
  stopping: new Map(),
  open: [],
};

export type NoticeInput =
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'seat'; readonly event: SeatEvent }
  | { readonly kind: 'end'; readonly event: EventData<'ended'> }
  /** Time has passed. */
  | { readonly kind: 'tick' }
  /** The user chose, here or elsewhere. */
  | { readonly kind: 'chosen'; readonly key: string }
  /** The agent is gone: what the next one says is no news. */
  | { readonly kind: 'reset' };

export interface Told {
  readonly state: NoticeState;
  readonly notices: readonly Notice[];
  /** When a `tick` is due at the latest, ms; undefined: none is. */
  readonly next: number | undefined;
}

/** @param seat id of the seat that this is for, where there are several on one machine */
export function notices(state: NoticeState, input: NoticeInput, now: number, seat: string | undefined): Told {
  switch (input.kind) {
    case 'snapshot':
      return due(afterSnapshot(state, input.snapshot, now), now);
    case 'seat':
      return afterSeat(state, input.event, now, seat);
    case 'end':
      return told(afterEnd(state, input.event, now), []);
    case 'tick':
      return due(state, now);
    case 'chosen':
      return told({ ...state, open: state.open.filter(({ key }) => key !== input.key) }, []);
    case 'reset':
      return told({ ...NOTHING_KNOWN, open: state.open }, []);
  }
}

const ANSWERS: readonly HostState[] = ['local', 'agent', 'agentless'];

function afterEnd(state: NoticeState, { ref, end }: EventData<'ended'>, now: number): NoticeState {
  if (ref === undefined) return state;
  const ends = [...state.ends].filter(([, { at }]) => now - at <= END_KEPT_MS);
  return { ...state, ends: new Map([...ends.slice(-ENDS_LIMIT), [ref, { end, at: now }]]) };
}

function afterSnapshot(state: NoticeState, snapshot: Snapshot, now: number): NoticeState {
  const here = new Set(snapshot.viewers.filter(({ state: is }) => is !== 'closing').map(({ ref }) => ref));
  const sessions = new Map(
    snapshot.sessions
      .filter((session) => session.state === 'live')
      .map(({ ref, name, hostKey, watchers }): [string, KnownSession] => {
        const before = state.sessions?.get(ref);
        const watched = here.has(ref) || watchers.length > 0;
        const watchedAt = watched || before?.watched ? now : before?.watchedAt;
        return [ref, { name, hostKey, shownHere: here.has(ref), watched, watchedAt }];
      }),
  );
  const hosts = hostsAfter(state, snapshot, sessions, now);
  const gone = [...(state.sessions ?? [])].filter(
    ([ref, { hostKey }]) =>
      !sessions.has(ref) && hosts.get(hostKey)?.answers && isListedWhole(snapshot, hostKey),
  );
  const ended = gone
    .filter(([ref]) => now - (state.stopping.get(ref) ?? Number.NEGATIVE_INFINITY) > STOPPING_MS)
    .map(([ref, { name, hostKey, watched, watchedAt }]) => ({
      ...{ ref, name, hostKey, at: now },
      seen: watched || now - (watchedAt ?? Number.NEGATIVE_INFINITY) <= SEEN_MS,
    }));
  return {
    ...state,
    sessions,
    hosts,
    ended: [...state.ended.filter(({ ref }) => !sessions.has(ref)), ...ended],
    // What comes anew under that identifier is another session.
    stopping: new Map(
      [...state.stopping].filter(
        ([ref, at]) => now - at <= STOPPING_MS && (!sessions.has(ref) || state.sessions?.has(ref)),
      ),
    ),
    open: state.open.filter((notice) => stillOpen(notice, sessions, hosts)),
  };
}

/** An excerpt of a large catalogue leaves sessions out: they have not ended. */
function isListedWhole({ totals, sessions }: Snapshot, hostKey: string): boolean {
  if (!totals) return true;
  return sessions.filter((session) => session.hostKey === hostKey).length === totals.counts[hostKey];
}

/** A choice about a session makes sense while the session is there, and here or away as it was. */
function stillOpen(
  { kind, ref }: Notice,
  sessions: ReadonlyMap<string, KnownSession>,
  hosts: ReadonlyMap<string, KnownHost>,
): boolean {
  if (ref === undefined) return true;
  const session = sessions.get(ref);
  // On a host that does not answer just now it may well be there.
  if (!session) return [...hosts.values()].some(({ awaySince }) => awaySince !== undefined);
  return session.shownHere === (kind === 'opened');
}

function hostsAfter(
  state: NoticeState,
  snapshot: Snapshot,
  sessions: ReadonlyMap<string, KnownSession>,
  now: number,
): Map<string, KnownHost> {
  const names = new Map<string, string[]>();
  for (const { name, hostKey } of sessions.values())
    names.set(hostKey, [...(names.get(hostKey) ?? []), name]);
  const rows = new Map(snapshot.hosts.map((host) => [host.key, host]));
  const hosts = new Map<string, KnownHost>();
  for (const key of new Set([...state.hosts.keys(), ...rows.keys()])) {
    const before = state.hosts.get(key);
    const row = rows.get(key);
    const name = row?.name ?? before?.name;
    if (name === undefined) continue;
    // A host that an excerpt leaves out is not lost.
    if (!row && before && (snapshot.totals?.hosts ?? 0) > rows.size) {
      hosts.set(key, before);
      continue;
    }
    const answers = row !== undefined && ANSWERS.includes(row.state);
    if (answers)
      hosts.set(key, { name, answers, sessions: names.get(key) ?? [], told: before?.told ?? false });
    // It said so before, and is back when it is back.
    else if (row?.state === 'asleep' && before) {
      const { awaySince: _since, ...known } = before;
      hosts.set(key, { ...known, name, answers, told: false });
    }
    // What never answered, or had nothing, is not missed.
    else if (before && (before.answers || before.awaySince !== undefined) && before.sessions.length > 0) {
      const { sessions: had, awaySince = now, told: said } = before;
      hosts.set(key, { name, answers, sessions: had, awaySince, told: said });
    }
  }
  return hosts;
}

/** What has waited long enough is told. */
function due(state: NoticeState, now: number): Told {
  const out: Notice[] = [];
  const hosts = new Map(state.hosts);
  for (const [key, host] of state.hosts) {
    if (host.awaySince !== undefined && !host.told && now >= host.awaySince + AWAY_MS) {
      hosts.set(key, { ...host, told: true });
      out.push(simple(`host ${key}`, 'hosts', lostText(host)));
    } else if (host.awaySince === undefined && host.told) {
      hosts.set(key, { ...host, told: false });
      out.push(simple(`host ${key}`, 'hosts', backText(host)));
    }
  }
  const oldest = Math.min(...state.ended.map(({ at }) => at));
  const tellEnded = state.ended.length > 0 && now >= oldest + GATHER_MS;
  if (tellEnded) {
    for (const hostKey of new Set(state.ended.map((each) => each.hostKey))) {
      const gone = state.ended
        .filter((each) => each.hostKey === hostKey)
        .map(({ ref, name, seen }) => ({ name, seen, end: state.ends.get(ref)?.end }))
        // Closed in front of somebody's eyes, as it should.
        .filter(({ seen, end }) => !(seen && end?.code === 0));
      if (gone.length > 0) out.push(endedNotice(`ended ${hostKey} ${now}`, gone, hosts.get(hostKey)?.name));
    }
  }
  const next = { ...state, hosts, ended: tellEnded ? [] : state.ended };
  return told(next, out);
}

function told(state: NoticeState, out: readonly Notice[]): Told {
  const times = [
    ...state.ended.map(({ at }) => at + GATHER_MS),
    ...[...state.hosts.values()].flatMap(({ awaySince, told: said }) =>
      awaySince === undefined || said ? [] : [awaySince + AWAY_MS],
    ),
  ];
  return { state, notices: out, next: times.length > 0 ? Math.min(...times) : undefined };
}

function afterSeat(state: NoticeState, event: SeatEvent, now: number, seat: string | undefined): Told {
  if (event.what === 'stopped') {
    return told({ ...state, stopping: new Map([...state.stopping, [event.ref, now]]) }, []);
  }
  if (event.seat !== undefined && seat !== undefined && event.seat !== seat) return told(state, []);
  const notice = event.what === 'opened' ? openedNotice(event) : movedNotice(event);
  const open = [...state.open.filter(({ key }) => key !== notice.key), notice].slice(-CHOICES_LIMIT);
  return told({ ...state, open }, [notice]);
}

function openedNotice({ ref, name, host, by, from }: SeatEvent): Notice {
  const back: Option = { id: 'back', label: 'Send back', action: { do: 'send', ref, to: from ?? by.host } };
  return {
    key: `session ${ref}`,
    kind: 'opened',
    ref,
    text: `Opened here from ${safe(by.host)}: ${safe(name)} on ${safe(host)}.`,
    options: [{ id: 'keep', label: 'Keep' }, back],
  };
}

function movedNotice({ ref, name, host, by, asked }: SeatEvent): Notice {
  const whose = asked && asked.hostId !== by.hostId ? `, by ${safe(asked.host)}` : '';
  return {
    key: `session ${ref}`,
    kind: 'moved',
    ref,
    text: `Moved to ${safe(by.host)}${whose}: ${safe(name)} on ${safe(host)}.`,
    options: [
      { id: 'fine', label: 'Fine' },
      { id: 'take', label: 'Take back', action: { do: 'open', ref, mode: 'take' } },
    ],
  };
}

function simple(key: string, kind: Notice['kind'], text: string): Notice {
  return { key, kind, text, options: [] };
}

function safe(name: string): string {
  return sanitiseName(name, '?');
}

function lostText({ name, sessions }: KnownHost): string {
  return `Not reachable: ${safe(name)}, with ${listed(sessions)}. What runs there goes on.`;
}

function backText({ name, sessions }: KnownHost): string {
  return `Reachable again: ${safe(name)}, with ${sessions.length > 0 ? listed(sessions) : 'no sessions'}.`;
}

interface Gone {
  readonly name: string;
  readonly end: SessionEnd | undefined;
}

function endedNotice(key: string, gone: readonly Gone[], host: string | undefined): Notice {
  const where = host === undefined ? '' : ` on ${safe(host)}`;
  const text = `Ended${where}: ${listed(
    gone.map(({ name }) => name),
    gone.map(({ end }) => howEnded(end)),
  )}.`;
  const [first, ...others] = gone;
  const lines = first?.end && first.end.code !== 0 && others.length === 0 ? first.end.lines : [];
  return { ...simple(key, 'ended', text), ...(lines.length > 0 ? { lines } : {}) };
}

function howEnded(end: SessionEnd | undefined): string {
  if (end?.signal !== undefined) return ` (${safe(end.signal)})`;
  return end?.code ? ` (exit code ${end.code})` : '';
}

/** @param notes what is said after each */
function listed(names: readonly string[], notes: readonly string[] = []): string {
  const shown = names.slice(0, names.length > NAMED + 1 ? NAMED : NAMED + 1);
  const rest = names.length - shown.length;
  const each = shown.map((name, i) => `${safe(name)}${notes[i] ?? ''}`);
  return `${each.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
