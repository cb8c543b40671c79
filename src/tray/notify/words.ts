/** What the user is told, in words: our own first, and names from elsewhere only within. Pure. */
import { sanitiseName } from '../../kernel/text.ts';
import type { SessionEnd } from '../../model/session-end.ts';
import type { SeatEvent } from '../../protocol/api.ts';
import type { Notice, Option } from './notice.ts';

/** Names in one notice; the rest is a number. */
const NAMED = 3;

/** Somebody opened a session at this seat. */
export function openedNotice({ ref, name, host, by, from }: SeatEvent): Notice {
  const back: Option = { id: 'back', label: 'Send back', action: { do: 'send', ref, to: from ?? by.host } };
  return {
    key: `session ${ref}`,
    kind: 'opened',
    ref,
    text: `Opened here from ${safe(by.host)}: ${safe(name)} on ${safe(host)}.`,
    options: [{ id: 'keep', label: 'Keep' }, back],
  };
}

/** Somebody took a session away from this seat. */
export function movedNotice({ ref, name, host, by, asked }: SeatEvent): Notice {
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

/** @param sessions names of those that it had */
export function lostNotice(hostKey: string, name: string, sessions: readonly string[]): Notice {
  const text = `Not reachable: ${safe(name)}, with ${listed(sessions)}. What runs there goes on.`;
  return simple(`host ${hostKey}`, 'hosts', text);
}

/** @param sessions names of those that it has */
export function backNotice(hostKey: string, name: string, sessions: readonly string[]): Notice {
  const text = `Reachable again: ${safe(name)}, with ${sessions.length > 0 ? listed(sessions) : 'no sessions'}.`;
  return simple(`host ${hostKey}`, 'hosts', text);
}

export interface Gone {
  readonly name: string;
  readonly end: SessionEnd | undefined;
}

/** Sessions of one host that are gone, and how each ended where that is known. */
export function endedNotice(key: string, gone: readonly Gone[], host: string | undefined): Notice {
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

function simple(key: string, kind: Notice['kind'], text: string): Notice {
  return { key, kind, text, options: [] };
}

function safe(name: string): string {
  return sanitiseName(name, '?');
}
