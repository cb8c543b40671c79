/**
 * Session references: `backend:localId@host` in full; `name@host`, `name`, or an unambiguous prefix
 * of a name for people.
 */
import { HotdeskError } from '../kernel/errors.ts';
import type { HostSession } from './session.ts';

/** What the user wrote, split. */
export interface ParsedRef {
  readonly backend?: string;
  /** localId when `backend` is given, else a name or the prefix of one. */
  readonly text: string;
  readonly host?: string;
}

export function formatRef(session: { backend: string; localId: string }, host: string): string {
  return `${session.backend}:${session.localId}@${host}`;
}

/** Tells a session of a host from all others of that host; no text for people. */
export function keyOf({ backend, localId }: { readonly backend: string; readonly localId: string }): string {
  return `${backend}\0${localId}`;
}

/**
 * Splits a reference. The host is what follows the last `@`; the backend what precedes the first `:`
 * when it looks like a profile name.
 * @throws HotdeskError `bad-argument` when there is nothing to look for
 */
export function parseRef(text: string): ParsedRef {
  const at = text.lastIndexOf('@');
  const host = at >= 0 ? text.slice(at + 1) : undefined;
  const rest = at >= 0 ? text.slice(0, at) : text;
  const colon = /^([a-z][a-z0-9-]*):(.+)$/su.exec(rest);
  const body = colon?.[2] ?? rest;
  if (!body || host === '') {
    throw new HotdeskError('bad-argument', `“${text}” is not a session reference.`, {
      hint: 'Write a name, name@host, or backend:id@host, as `hotdesk list` shows them.',
    });
  }
  return { text: body, ...(colon?.[1] ? { backend: colon[1] } : {}), ...(host ? { host } : {}) };
}

/** Does `wanted` mean the host with these names? Bare names match `name.local` too; case is ignored. */
export function hostMatches(wanted: string, names: readonly string[]): boolean {
  const want = bareName(wanted);
  return names.some((name) => bareName(name) === want);
}

function bareName(name: string): string {
  return name
    .toLowerCase()
    .replace(/\.$/u, '')
    .replace(/\.local$/u, '');
}

/**
 * The one session that `ref` means among `sessions`: exact reference first, then exact name, then prefix.
 * @param hostNames all names of the host with that key
 * @throws HotdeskError `unknown-session` or `ambiguous`, with candidates
 */
export function resolveRef(
  ref: string,
  sessions: readonly HostSession[],
  hostNames: (hostKey: string) => readonly string[],
): HostSession {
  const parsed = parseRef(ref);
  const here = sessions.filter((s) => !parsed.host || hostMatches(parsed.host, hostNames(s.hostKey)));
  const tiers: readonly ((s: HostSession) => boolean)[] = [
    (s) => s.backend === parsed.backend && s.localId === parsed.text,
    (s) => (!parsed.backend || s.backend === parsed.backend) && s.name === parsed.text,
    (s) => (!parsed.backend || s.backend === parsed.backend) && s.name.startsWith(parsed.text),
    // A name may itself hold a colon.
    (s) => parsed.backend !== undefined && s.name === `${parsed.backend}:${parsed.text}`,
  ];
  for (const matches of tiers) {
    const found = here.filter(matches);
    if (found.length === 1 && found[0]) return found[0];
    if (found.length > 1) {
      throw new HotdeskError('ambiguous', `“${ref}” could be ${found.length} sessions.`, {
        candidates: found.map((s) => s.ref),
        hint: 'Write one of them in full.',
      });
    }
  }
  throw new HotdeskError('unknown-session', `There is no session “${ref}”.`, {
    candidates: here.slice(0, 8).map((s) => `${s.name}@${s.host}`),
    hint: 'See `hotdesk list`.',
  });
}

/** The first of `base`, `base-2`, `base-3`, … that is not taken. */
export function freeName(base: string, taken: readonly string[]): string {
  const used = new Set(taken);
  if (!used.has(base)) return base;
  for (let n = 2; ; n += 1) if (!used.has(`${base}-${n}`)) return `${base}-${n}`;
}
