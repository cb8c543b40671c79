/** What a backend said of a session, as our session: typed, limited, safe to show. Pure. */
import { sanitise, sanitiseName } from '../kernel/text.ts';
import type { SessionFields } from '../model/profile.ts';
import type { Session, SessionKind, Steals } from '../model/session.ts';
import type { Fields } from './parse.ts';
import { renderText } from './render.ts';

/** Fields of a session as far as `spec` and `fields` tell them. */
export function sessionFields(spec: SessionFields, fields: Fields): Partial<Session> {
  const text = (template: string | undefined) => (template ? renderText(template, fields) : '');
  const name = sanitiseName(text(spec.name), '');
  const title = sanitise(text(spec.title));
  const command = sanitise(text(spec.command));
  const startedAt = count(text(spec.startedAt));
  const windows = count(text(spec.windows));
  const pid = count(text(spec.pid));
  const state = text(spec.state);
  const steals = text(spec.steals);
  return {
    ...(spec.localId ? { localId: text(spec.localId).slice(0, 120) } : {}),
    ...(name ? { name } : {}),
    ...(title ? { title } : {}),
    ...(command ? { command } : {}),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(windows === undefined ? {} : { windows }),
    ...(pid === undefined ? {} : { pid }),
    ...(state ? { state: state === 'live' ? 'live' : 'dead' } : {}),
    ...(spec.kind ? { kind: mapped(spec.kind, text(spec.kind.value)) } : {}),
    ...(spec.backend ? { backend: mapped(spec.backend, text(spec.backend.value)) } : {}),
    ...(isSteals(steals) ? { steals } : {}),
  };
}

/** A whole session; later parts win. */
export function session(backend: string, kind: SessionKind, parts: readonly Partial<Session>[]): Session {
  const known: Partial<Session> = Object.assign({}, ...parts);
  const localId = known.localId ?? '';
  return { backend, kind, state: 'live', watchers: [], ...known, localId, name: known.name ?? localId };
}

function mapped<T>(spec: { map: Readonly<Record<string, T>>; else: T }, value: string): T {
  return Object.hasOwn(spec.map, value) ? (spec.map[value] ?? spec.else) : spec.else;
}

function isSteals(text: string): text is Steals {
  return text === 'displaces' || text === 'shares' || text === 'refused';
}

function count(text: string): number | undefined {
  return /^\d{1,15}$/u.test(text) ? Number(text) : undefined;
}
