/**
 * The TXT record of `_hotdesk._tcp`: what an agent says of itself to the whole link. RFC 6763 §6.
 * Keys are unique (§6.4: of duplicates only the first counts), so each session has its own: `s0`, `s1`, ….
 */
import * as z from 'zod/mini';
import { opaqueId } from '../kernel/ids.ts';
import { sanitise } from '../kernel/text.ts';
import type { Advert, AdvertSession } from '../model/host.ts';
import type { Session } from '../model/session.ts';

/** Version of the TXT's meaning: another one is not read. */
export const TXT_VERSION = 1;
/** All strings and their length bytes: with the other records it stays in one packet on Ethernet. */
export const TXT_LIMIT = 1200;
/** RFC 6763 §6.1: one length byte. */
const ENTRY_LIMIT = 255;
/** A record longer than this is nobody's advert. */
const DECODE_LIMIT = 2048;

/** How much an owner lets the link know. */
export const AdvertiseLevel = z.enum(['off', 'presence', 'sessions', 'names']);
export type AdvertiseLevel = z.infer<typeof AdvertiseLevel>;

export interface AdvertFacts {
  readonly hostId: string;
  readonly agentId: string;
  readonly fingerprint?: string | undefined;
  readonly revision: number;
  readonly sessions: readonly Pick<Session, 'backend' | 'localId' | 'name'>[];
  readonly asleep?: boolean | undefined;
}

/** What may be said at `level`; undefined: nothing is to be published. */
export function advertFor(level: AdvertiseLevel, facts: AdvertFacts): Advert | undefined {
  if (level === 'off') return undefined;
  const advert: Advert = {
    hostId: facts.hostId,
    agentId: facts.agentId,
    revision: facts.revision,
    sessions: [],
    ...(facts.fingerprint ? { fingerprint: facts.fingerprint } : {}),
    ...(facts.asleep ? { asleep: true } : {}),
  };
  if (level === 'presence') return advert;
  const sessions = facts.sessions.map(({ backend, localId, name }): AdvertSession => {
    const id = opaqueId(facts.hostId, backend, localId);
    return level === 'names' ? { id, backend, name } : { id, backend };
  });
  return { ...advert, sessionCount: sessions.length, sessions };
}

/** The strings of the TXT record, in order. Sessions that do not fit in `TXT_LIMIT` are left out; the count is not. */
export function encodeTxt(advert: Advert): Buffer[] {
  const entries: Buffer[] = [
    `v=${TXT_VERSION}`,
    `id=${advert.hostId}`,
    `a=${advert.agentId}`,
    `rev=${advert.revision}`,
    ...(advert.fingerprint ? [`fp=${advert.fingerprint}`] : []),
    ...(advert.asleep ? ['zz=1'] : []),
    ...(advert.sessionCount === undefined ? [] : [`n=${advert.sessionCount}`]),
  ].map((entry) => Buffer.from(entry));
  let size = entries.reduce((sum, entry) => sum + entry.length + 1, 0);
  for (const [index, session] of advert.sessions.entries()) {
    const entry = sessionEntry(index, session);
    if (size + entry.length + 1 > TXT_LIMIT) break;
    size += entry.length + 1;
    entries.push(entry);
  }
  return entries;
}

function sessionEntry(index: number, session: AdvertSession): Buffer {
  const head = Buffer.from(`s${index}=${session.id}:${session.backend}`);
  const name = session.name === undefined ? '' : sanitise(session.name, ENTRY_LIMIT);
  if (!name) return head;
  return Buffer.concat([head, Buffer.from(':'), cut(name, ENTRY_LIMIT - head.length - 1)]);
}

/** At most `bytes` of the UTF-8 of `text`, no character cut in two. */
export function cut(text: string, bytes: number): Buffer {
  const whole = Buffer.from(text);
  if (whole.length <= bytes) return whole;
  let end = Math.max(0, bytes);
  // 10xxxxxx continues a character.
  while (end > 0 && ((whole[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return whole.subarray(0, end);
}

const Digits = (max: number) => z.string().check(z.regex(new RegExp(`^\\d{1,${max}}$`, 'u')));

const Fields = z.object({
  v: z.literal(String(TXT_VERSION)),
  id: z.string().check(z.regex(/^[0-9a-f]{32}$/u)),
  a: z.string().check(z.regex(/^[0-9a-f]{8,32}$/u)),
  rev: Digits(15),
  fp: z.catch(z.optional(z.string().check(z.regex(/^SHA256:[A-Za-z0-9+/]{43}$/u))), undefined),
  n: z.catch(z.optional(Digits(6)), undefined),
  zz: z.optional(z.string()),
});

const SESSION = /^([0-9a-f]{8}):([a-z][a-z0-9-]{0,39})(?::(.*))?$/su;

/** The advert in a TXT record, or undefined where it is none that this version understands. Text in it is sanitised. */
export function decodeTxt(entries: readonly Uint8Array[]): Advert | undefined {
  let size = 0;
  for (const entry of entries) size += entry.length + 1;
  if (size > DECODE_LIMIT) return undefined;
  const values = valuesOf(entries);
  const fields = Fields.safeParse(Object.fromEntries(values));
  if (!fields.success) return undefined;
  const { id, a, rev, fp, n, zz } = fields.data;
  return {
    hostId: id,
    agentId: a,
    revision: Number(rev),
    sessions: sessionsOf(values),
    ...(fp === undefined ? {} : { fingerprint: fp }),
    ...(zz === '1' ? { asleep: true } : {}),
    ...(n === undefined ? {} : { sessionCount: Number(n) }),
  };
}

/** RFC 6763 §6.4: keys are ASCII and case-blind, the first of a key counts, a string without a key is skipped. */
function valuesOf(entries: readonly Uint8Array[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const entry of entries) {
    const text = Buffer.from(entry).toString('utf8');
    const at = text.indexOf('=');
    const key = text.slice(0, at).toLowerCase();
    if (at > 0 && /^[a-z0-9]{1,9}$/u.test(key) && !values.has(key)) values.set(key, text.slice(at + 1));
  }
  return values;
}

function sessionsOf(values: ReadonlyMap<string, string>): AdvertSession[] {
  const found: { index: number; session: AdvertSession }[] = [];
  for (const [key, value] of values) {
    const index = /^s(\d{1,3})$/u.exec(key)?.[1];
    const [, id, backend, name] = SESSION.exec(value) ?? [];
    if (index === undefined || id === undefined || backend === undefined) continue;
    const shown = sanitise(name ?? '', ENTRY_LIMIT);
    found.push({ index: Number(index), session: { id, backend, ...(shown ? { name: shown } : {}) } });
  }
  // Avahi hands the strings on in reverse.
  return found.sort((x, y) => x.index - y.index).map(({ session }) => session);
}
