/**
 * What one query draws. Instead of the library's own answers: those know no known answers, repeat
 * themselves for each question (60 questions in a packet, 60 answers) and come from every host at
 * the same moment. RFC 6762 §6, §7.1.
 */
import type { WireRecord } from '../../discovery/mdns/responder.ts';
import { ENUMERATION_NAME, type InstanceRecords, recordKey, SERVICE_NAME } from './records.ts';

export interface Query {
  readonly questions: readonly { readonly name: string; readonly type: string }[];
  /** Keys of the records that the asker has, with more than half of their time left. */
  readonly known: ReadonlySet<string>;
  /** RFC 6762 §7.2: more known answers follow. */
  readonly truncated: boolean;
  /** A probe (§8.1): somebody wants these names, and is waiting only 250 ms. */
  readonly probe: boolean;
}

/** Reads a decoded packet, which may hold anything. @param own the records whose known answers matter */
export function readQuery(packet: unknown, own: readonly WireRecord[]): Query {
  const part = (value: unknown, key: string) =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  const list = (key: string): unknown[] => {
    const value = part(packet, key);
    return Array.isArray(value) ? value.slice(0, 1000) : [];
  };
  const questions = list('questions').flatMap((question) => {
    const name = part(question, 'name');
    const type = part(question, 'type');
    return typeof name === 'string' && typeof type === 'string' ? [{ name: name.toLowerCase(), type }] : [];
  });
  const ttlOf = new Map(own.map((record) => [recordKey(record), record.ttl]));
  const known = new Set<string>();
  for (const answer of list('answers')) {
    const [name, type, data, ttl] = ['name', 'type', 'data', 'ttl'].map((key) => part(answer, key));
    if (type !== 'PTR' || typeof name !== 'string' || typeof ttl !== 'number') continue;
    const key = recordKey({ name, type, data });
    if (ttl * 2 > (ttlOf.get(key) ?? Number.POSITIVE_INFINITY)) known.add(key);
  }
  const truncated = part(packet, 'flag_tc') === true;
  return { questions, known, truncated, probe: list('authorities').length > 0 };
}

export interface Answer {
  readonly answers: WireRecord[];
  readonly additionals: WireRecord[];
  /** Other hosts answer this too: wait 20 to 120 ms (§6). */
  readonly shared: boolean;
}

export function answerTo(query: Query, records: InstanceRecords): Answer | undefined {
  const answers = new Set<WireRecord>();
  for (const { name, type } of query.questions) {
    for (const record of matching(records, name)) {
      if ((type === record.type || type === 'ANY') && !query.known.has(recordKey(record)))
        answers.add(record);
    }
  }
  if (answers.size === 0) return undefined;
  const extra: WireRecord[] = [];
  // RFC 6763 §12.
  if (answers.has(records.pointer)) extra.push(records.service, records.text, ...records.addresses);
  if (answers.has(records.service)) extra.push(...records.addresses);
  const additionals = [...new Set(extra)].filter((record) => !answers.has(record));
  const shared = answers.has(records.pointer) || answers.has(records.enumeration);
  return { answers: [...answers], additionals, shared };
}

function matching(records: InstanceRecords, name: string): readonly WireRecord[] {
  if (name === SERVICE_NAME) return [records.pointer];
  if (name === ENUMERATION_NAME) return [records.enumeration];
  if (name === records.service.name.toLowerCase()) return [records.service, records.text];
  return records.addresses.filter((record) => record.name.toLowerCase() === name);
}
