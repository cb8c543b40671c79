/** The least that makes a message usable, by hand: the schemas take longer to load than `list` to run. */
import type { EventData, EventName, Hello, Method, Result, ServerMessage } from '../protocol/api.ts';
import type { Checks } from '../protocol/wire.ts';

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isHello(value: unknown): value is Hello {
  return isObject(value) && typeof value.hotdesk === 'number' && typeof value.version === 'string';
}

function isError(value: unknown): boolean {
  return isObject(value) && typeof value.code === 'string' && typeof value.message === 'string';
}

function isMessage(value: unknown): value is ServerMessage {
  if (!isObject(value)) return false;
  if (typeof value.event === 'string') return 'data' in value;
  if (typeof value.id !== 'number') return false;
  return 'result' in value || isError(value.error) || typeof value.progress === 'string';
}

const ROWS = ['hosts', 'sessions', 'viewers', 'seats'] as const;

function isSnapshot(value: Fields): boolean {
  return ROWS.every((rows) => Array.isArray(value[rows]) && value[rows].every(isObject));
}

const SNAPSHOTS: readonly string[] = ['catalogue', 'subscribe'];

const TEXTS = ['ref', 'name', 'host', 'hostKey', 'backend', 'localId', 'kind', 'state'] as const;

/** A session that was opened, and where. */
function isOpened({ session, viewer, timings }: Fields): boolean {
  return (
    isObject(session) &&
    TEXTS.every((name) => typeof session[name] === 'string') &&
    Array.isArray(session.watchers) &&
    (viewer === undefined || (isObject(viewer) && typeof viewer.id === 'string')) &&
    (timings === undefined ||
      (isObject(timings) && Object.values(timings).every((ms) => typeof ms === 'number')))
  );
}

const OPENS: readonly string[] = ['start', 'attach', 'move'];

/**
 * What every command that opens a window calls: their answers are few words, or none, and checked whole
 * enough by hand. While a window opens, every core is wanted elsewhere.
 */
export const BY_HAND: ReadonlySet<string> = new Set(['seat.register', 'prompts.attend', ...OPENS]);

function holds(name: string, value: unknown): boolean {
  if (!isObject(value)) return false;
  if (SNAPSHOTS.includes(name)) return isSnapshot(value);
  return !OPENS.includes(name) || isOpened(value);
}

export const envelopeChecks: Checks = {
  hello: (value) => (isHello(value) ? value : undefined),
  message: (value) => (isMessage(value) ? value : undefined),
  result: <M extends Method>(method: M, value: unknown) =>
    holds(method, value) ? (value as Result<M>) : undefined,
  event: <E extends EventName>(event: E, value: unknown) =>
    holds(event, value) ? (value as EventData<E>) : undefined,
};
