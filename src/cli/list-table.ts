/** What `hotdesk list` shows. Pure. */
import { displayWidth } from '../kernel/text.ts';
import type { HostSession } from '../model/session.ts';
import type { Snapshot } from '../protocol/api.ts';
import { type Around, placesOf } from '../protocol/places.ts';
import { age } from './age.ts';
import type { Span } from './style.ts';
import { type Cell, type Column, table } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'HOST', min: 6 },
  { title: 'NAME', min: 8 },
  { title: 'BACKEND', min: 4 },
  { title: 'AGE', min: 3 },
  { title: 'SHOWN AT', min: 6 },
];

/** This machine's first, then by host and name. */
export function sorted(snapshot: Snapshot): HostSession[] {
  const here = (session: HostSession) => (session.hostKey === snapshot.self ? 0 : 1);
  return [...snapshot.sessions].sort(
    (a, b) =>
      here(a) - here(b) || compare(a.host, b.host) || compare(a.name, b.name) || compare(a.ref, b.ref),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @param now seconds since the epoch */
export function listLines(
  sessions: readonly HostSession[],
  around: Around,
  now: number,
  width: number,
): Span[][] {
  return table(
    COLUMNS,
    sessions.map((session) => row(session, sessions, around, now)),
    width,
  );
}

function row(session: HostSession, all: readonly HostSession[], around: Around, now: number): Cell[] {
  return [session.host, nameOf(session, all), session.backend, ageOf(session, now), shown(session, around)];
}

function ageOf(session: HostSession, now: number): Cell {
  if (session.state === 'dead') return { text: 'dead', style: 'red' };
  if (session.stale) return { text: 'stale', style: 'yellow' };
  return session.startedAt === undefined ? '-' : age(now - session.startedAt);
}

/** Two sessions of one name on one host are told apart by the reference. */
function nameOf(session: HostSession, all: readonly HostSession[]): string {
  const isTwin = all.some((s) => s !== session && s.hostKey === session.hostKey && s.name === session.name);
  const name = isTwin ? `${session.name} (${session.backend}:${session.localId})` : session.name;
  return displayWidth(name) === 0 ? session.ref : name;
}

function shown(session: HostSession, around: Around): Cell {
  const places = placesOf(session, around);
  if (places.length === 0) return { text: '-', style: 'dim' };
  const text = places.map((place) => (place.isHere ? 'here' : place.host)).join(', ');
  return places.some((place) => place.isHere) ? { text, style: 'green' } : text;
}

/** What the list does not say by itself: hosts that could not be asked, and what to do about each. */
export function listNotes(snapshot: Snapshot): string[] {
  const notes: string[] = [];
  for (const host of snapshot.hosts) {
    if (host.state === 'untrusted' || host.state === 'unreachable') {
      const why = host.problem?.message ?? `${host.name} is ${host.state}.`;
      notes.push(`${host.name}: ${why}${host.problem?.hint ? ` ${host.problem.hint}` : ''}`);
    }
  }
  const asleep = new Map(
    snapshot.hosts.filter(({ state }) => state === 'asleep').map((h) => [h.key, h.name]),
  );
  for (const name of asleep.values()) notes.push(`${name} is asleep: its sessions are shown as they were.`);
  const silent = snapshot.sessions.filter((session) => session.stale && !asleep.has(session.hostKey));
  for (const place of new Set(silent.map(({ backend, host }) => `${backend} on ${host}`))) {
    notes.push(`${place} does not answer: its sessions are shown as it listed them last.`);
  }
  const asking = snapshot.hosts.filter((host) => host.state === 'connecting').map((host) => host.name);
  if (asking.length > 0) notes.push(`Not answered yet: ${asking.join(', ')}.`);
  return notes;
}

/** What to try when there is nothing to list. */
export function emptyNote(snapshot: Snapshot): string {
  const self = snapshot.hosts.find((host) => host.key === snapshot.self)?.name ?? 'localhost';
  const others = snapshot.hosts.length - 1;
  const hosts =
    others > 0
      ? `${others} other host${others === 1 ? '' : 's'} found: \`hotdesk hosts\`.`
      : 'No other host found yet: `hotdesk doctor` says why.';
  return `No sessions. Start one: \`hotdesk start ${self} -- xterm\`. ${hosts}`;
}
