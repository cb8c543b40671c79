/** What the notices know of sessions and hosts, and what a further look at the catalogue makes of it. Pure. */
import type { HostState } from '../../model/host.ts';
import type { SessionEnd } from '../../model/session-end.ts';
import type { Snapshot } from '../../protocol/api.ts';
import type { Notice } from './notice.ts';

/** Whoever watched a session so short a time before its end has seen that end, in ms. */
const SEEN_MS = 10_000;
/** A session that was stopped from here may take so long to be gone, in ms. */
const STOPPING_MS = 60_000;

const ANSWERS: readonly HostState[] = ['local', 'agent', 'agentless'];

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

/** What is known after a look at the catalogue. @param now ms */
export function afterSnapshot(state: NoticeState, snapshot: Snapshot, now: number): NoticeState {
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
