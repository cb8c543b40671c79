/** Lists a backend's sessions, asking each for its details only when it has changed. */
import { sleep } from '../kernel/abort.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { Machine } from '../model/machine.ts';
import type { Profile } from '../model/profile.ts';
import type { Session, Watcher } from '../model/session.ts';
import type { SessionDetails } from './backend.ts';
import { type Fields, groupFields, parseLines, parseOutput } from './parse.ts';
import { renderText } from './render.ts';
import { runCommand } from './run.ts';
import { session, sessionFields } from './session-of.ts';
import { watcherOf } from './tag.ts';

/** How often a session in change is asked again, and the pause between. */
const UNSETTLED_TRIES = 4;
const UNSETTLED_MS = 250;
/** A session that did not answer is left alone this long. */
const FAILED_MS = 15_000;
/** Sessions asked at once: each costs a process on the host. */
const AT_ONCE = 2;

interface Row {
  readonly fields: Fields;
  readonly session: Session;
}

interface Known {
  readonly key: string;
  readonly details: SessionDetails | undefined;
  /** When an answer that failed or had not settled is worth no more, ms; undefined: until the key changes. */
  readonly until: number | undefined;
}

export interface Listing {
  /** What the listing says of one session now. @throws HotdeskError `session-gone` */
  row(localId: string, signal?: AbortSignal): Promise<Fields>;
  list(signal?: AbortSignal): Promise<Session[]>;
  info(localId: string, signal?: AbortSignal): Promise<SessionDetails>;
}

/** @param now ms, for tests */
export function listing(profile: Profile, machine: Machine, now: () => number = Date.now): Listing {
  const known = new Map<string, Known>();

  const rows = async (signal: AbortSignal | undefined): Promise<Row[]> => {
    const result = await runCommand(machine, profile, profile.list.command, {}, { signal });
    return readRows(profile, result.stdout.toString('utf8'));
  };

  const ask = async (row: Row, signal: AbortSignal | undefined): Promise<Known> => {
    const { info } = profile;
    const key = renderText(info?.key ?? '', row.fields);
    if (!info) return { key, details: undefined, until: undefined };
    try {
      const { stdout } = await runCommand(machine, profile, info.command, row.fields, { signal });
      const fields = { ...row.fields, ...parseOutput(stdout.toString('utf8'), info.output) };
      const settled = !info.settled || sameText(info.settled, fields);
      const details = detailsOf(profile, row.session, fields);
      return { key, details, until: settled ? undefined : now() };
    } catch (thrown) {
      if (signal?.aborted) throw thrown;
      return { key, details: undefined, until: now() + FAILED_MS };
    }
  };

  const isFresh = (row: Row): boolean => {
    const before = known.get(idOf(row.session));
    const key = renderText(profile.info?.key ?? '', row.fields);
    return before?.key === key && (before.until === undefined || now() < before.until);
  };

  const forgetAllBut = (found: readonly Row[]): void => {
    const ids = new Set(found.map((row) => idOf(row.session)));
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
  };

  /** `found` without those that have ended since they were listed, which is why they said nothing. */
  const lookAgain = async (
    found: readonly Row[],
    mute: ReadonlySet<Row>,
    signal: AbortSignal | undefined,
  ): Promise<Row[]> => {
    const now = await rows(signal).catch((thrown: unknown) => {
      if (signal?.aborted) throw thrown;
      return found;
    });
    const still = new Map(now.map((row) => [idOf(row.session), row]));
    return found.flatMap((row) => (mute.has(row) ? (still.get(idOf(row.session)) ?? []) : row));
  };

  const list = async (signal?: AbortSignal): Promise<Session[]> => {
    let found: Row[] = [];
    for (let tries = 1; ; tries += 1) {
      found = await rows(signal);
      if (profile.info?.key === undefined) return found.map((row) => row.session);
      forgetAllBut(found);
      const stale = found.filter((row) => row.session.state === 'live' && !isFresh(row));
      const mute = new Set<Row>();
      await inBatches(stale, async (row) => {
        const answer = await ask(row, signal);
        if (!answer.details) mute.add(row);
        // Unsettled for long (a stranger holds the socket open): taken as it is, until it changes.
        const last = tries >= UNSETTLED_TRIES && answer.details !== undefined;
        known.set(idOf(row.session), last ? { ...answer, until: undefined } : answer);
      });
      if (mute.size > 0) {
        found = await lookAgain(found, mute, signal);
        forgetAllBut(found);
      }
      const unsettled = stale.some((row) => known.get(idOf(row.session))?.details && !isFresh(row));
      if (!unsettled) break;
      await sleep(UNSETTLED_MS, signal);
    }
    return found.map((row) => merged(row, known.get(idOf(row.session))?.details));
  };

  const find = async (localId: string, signal?: AbortSignal): Promise<Row> => {
    const named = (await rows(signal)).filter((each) => each.session.localId === localId);
    // What a session is that hotdesk did not start may be known only when it has been asked.
    const row = named.find((each) => each.session.backend === profile.name) ?? named[0];
    if (!row) throw gone(profile, machine, localId);
    return row;
  };

  const info = async (localId: string, signal?: AbortSignal): Promise<SessionDetails> => {
    const row = await find(localId, signal);
    if (!profile.info || row.session.state === 'dead') {
      return { ...row.session, facts: { state: row.session.state } };
    }
    const { info: spec } = profile;
    try {
      const { stdout } = await runCommand(machine, profile, spec.command, row.fields, { signal });
      const fields = { ...row.fields, ...parseOutput(stdout.toString('utf8'), spec.output) };
      return detailsOf(profile, row.session, fields);
    } catch (thrown) {
      const failure = toHotdeskError(thrown);
      if (signal?.aborted) throw failure;
      // It may have ended since it was listed.
      await find(localId, signal).catch((error: unknown) => {
        if (toHotdeskError(error).code === 'session-gone') throw error;
      });
      throw failure;
    }
  };

  return { list, info, row: async (localId, signal) => (await find(localId, signal)).fields };
}

/** Rows of a listing's output; of two with one localId the first counts. */
export function readRows(profile: Profile, text: string): Row[] {
  const { list } = profile;
  const watchers = watchersByRow(profile, text);
  const rows = new Map<string, Row>();
  for (const fields of parseLines(text, list.output)) {
    const one = session(profile.name, profile.kinds[0] ?? 'app', [sessionFields(list.session, fields)]);
    if (!one.localId || rows.has(idOf(one))) continue;
    rows.set(idOf(one), { fields, session: { ...one, watchers: watchers.get(one.localId) ?? [] } });
  }
  return [...rows.values()];
}

/** Profiles that are listed together may have the same identifiers. */
function idOf({ backend, localId }: Session): string {
  return `${backend}:${localId}`;
}

function watchersByRow(profile: Profile, text: string): Map<string, Watcher[]> {
  const all = new Map<string, Watcher[]>();
  const spec = profile.list.watchers;
  if (!spec) return all;
  for (const fields of parseLines(text, spec.output)) {
    const id = renderText(spec.localId, fields);
    const watcher = watcherOf(
      spec.tag && renderText(spec.tag, fields),
      spec.host && renderText(spec.host, fields),
    );
    all.set(id, [...(all.get(id) ?? []), watcher]);
  }
  return all;
}

/** A listed session with what `info` said of it. */
export function detailsOf(profile: Profile, listed: Session, fields: Fields): SessionDetails {
  const { info } = profile;
  if (!info) return { ...listed, facts: {} };
  const { watchers: spec } = info;
  const watchers = spec
    ? groupFields(fields, spec.keys).map((group) =>
        watcherOf(spec.tag && renderText(spec.tag, group), spec.host && renderText(spec.host, group)),
      )
    : listed.watchers;
  const facts = Object.entries(info.facts)
    .map(([name, template]) => [name, sanitise(renderText(template, fields))] as const)
    .filter(([, value]) => value !== '');
  return {
    ...session(profile.name, listed.kind, [listed, sessionFields(info.session, fields)]),
    watchers,
    facts: Object.fromEntries(facts),
  };
}

function merged(row: Row, details: SessionDetails | undefined): Session {
  if (!details || row.session.state === 'dead') return row.session;
  const { facts: _facts, ...known } = details;
  return { ...known, state: row.session.state };
}

function sameText([a, b]: readonly [string, string], fields: Fields): boolean {
  return renderText(a, fields) === renderText(b, fields);
}

async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, queue.length) }, worker));
}

/** The error for a session that its backend does not know any more. */
export function gone(profile: Profile, machine: Machine, localId: string): HotdeskError {
  return new HotdeskError(
    'session-gone',
    `${machine.name} has no ${profile.name} session ${localId} any more.`,
    {
      hint: 'See `hotdesk list`.',
    },
  );
}
