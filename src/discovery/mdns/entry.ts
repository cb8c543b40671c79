/** One service instance on one link, and what is known of it. */
import type { Advert } from '../../model/host.ts';
import type { ServiceType } from '../services.ts';
import { HOTDESK } from '../services.ts';
import { type Held, isKnownAnswer, newest, nextOf } from './held.ts';
import type { KnownAnswer, Question } from './query.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** A question that is asked several times, at the moments in `at`. */
export interface Inquiry {
  /** Still to come, in ms since the epoch, in order. */
  readonly at: number[];
  readonly began: number;
  /** When silence so far means that the answer is no. */
  readonly until: number;
}

export interface Entry {
  readonly id: string;
  readonly type: ServiceType;
  /** The first label, as it was published. */
  readonly name: string;
  readonly source: string;
  readonly ptr: Held<undefined>[];
  readonly srv: Held<Target>[];
  readonly txt: Held<Advert | undefined>[];
  /** Asks for what is missing; undefined: nothing is, or nobody answers. */
  resolve: Inquiry | undefined;
  /** Asks whether it is still there (RFC 6762 §10.4, or after a goodbye). */
  confirm: Inquiry | undefined;
  /** It has been seen whole. */
  shown: boolean;
}

/** §5.2 wants a second between the first two; what came in several packets gets 100 ms. */
export function resolveFrom(now: number, random: () => number): Inquiry {
  const first = now + 60 + 40 * random();
  return { at: [first, first + 1000, first + 3000], began: now, until: first + 4000 };
}

/** Three tries, for packets get lost; a publisher that answered just now stays silent for a second (§6). */
export function reconfirmFrom(now: number): Inquiry {
  return { at: [now, now + 800, now + 1650], began: now, until: now + 2600 };
}

/** While a goodbye is held back. The record's own time ends the wait. */
export function askAfterGoodbye(now: number, random: () => number): Inquiry {
  return { at: [now + 20 * random(), now + 400], began: now, until: Number.POSITIVE_INFINITY };
}

export function labelsOf(entry: { readonly name: string; readonly type: ServiceType }): string[] {
  return [entry.name, ...entry.type.split('.'), 'local'];
}

export function hostLabels(host: string): string[] {
  return host.replace(/\.$/u, '').split('.');
}

/** What has to be asked before the instance can be shown. @param hasAddress of a host */
export function missingOf(entry: Entry, hasAddress: (host: string) => boolean): Question[] {
  const labels = labelsOf(entry);
  const questions: Question[] = [];
  const target = newest(entry.srv)?.value;
  if (!target) questions.push({ labels, type: 'SRV' });
  if (entry.type === HOTDESK && entry.txt.length === 0) questions.push({ labels, type: 'TXT' });
  if (target && !hasAddress(target.host)) {
    questions.push({ labels: hostLabels(target.host), type: 'A' });
    questions.push({ labels: hostLabels(target.host), type: 'AAAA' });
  }
  return questions;
}

/** The next moment that an inquiry wants something. */
export function nextMoment(inquiry: Inquiry | undefined): number {
  return inquiry ? (inquiry.at[0] ?? inquiry.until) : Number.POSITIVE_INFINITY;
}

/** All tries are over, and the time for an answer too. */
export function isOver(inquiry: Inquiry | undefined, now: number): boolean {
  return inquiry !== undefined && inquiry.at.length === 0 && inquiry.until <= now;
}

/** Takes the moments that have come; true if there was one. */
export function takeDue(inquiry: Inquiry | undefined, now: number): boolean {
  let due = false;
  while (inquiry && inquiry.at[0] !== undefined && inquiry.at[0] <= now) {
    inquiry.at.shift();
    due = true;
  }
  return due;
}

/** When something is due for it: an inquiry's next moment, or a record's. */
export function nextOfEntry(entry: Entry): number {
  const moments = Math.min(nextMoment(entry.resolve), nextMoment(entry.confirm));
  return Math.min(moments, nextOf(entry.ptr), nextOf(entry.srv), nextOf(entry.txt));
}

/** What need not be sent again when instances of these types are asked for (RFC 6762 §7.1). */
export function knownAnswers(
  entries: Iterable<Entry>,
  types: readonly ServiceType[],
  now: number,
): KnownAnswer[] {
  const known: KnownAnswer[] = [];
  if (types.length === 0) return known;
  for (const entry of entries) {
    const ptr = entry.ptr[0];
    // What is not whole is better sent again.
    if (!ptr || !entry.shown || !types.includes(entry.type) || !isKnownAnswer(ptr, now)) continue;
    const labels = [...entry.type.split('.'), 'local'];
    known.push({ labels, target: labelsOf(entry), ttl: Math.floor((ptr.expiresAt - now) / 1000) });
  }
  return known;
}
