/** Output of a profile's commands to records. Pure; lines that are not ours (banners, warnings) are passed over. */
import { HotdeskError } from '../kernel/errors.ts';
import type { KeyValues, Lines, Output } from '../model/profile-command.ts';

export type Fields = Readonly<Record<string, string>>;

/** Records and fields beyond these are dropped: no listing is that long, and an output may be hostile. */
const MAX_RECORDS = 2000;
const MAX_FIELDS = 20_000;

/** One record a line that starts with the marker; a line with too few fields is passed over. */
export function parseLines(text: string, spec: Lines): Fields[] {
  const records: Fields[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith(spec.marker)) continue;
    const parts = line.slice(spec.marker.length).replace(/\r$/u, '').split(spec.separator);
    if (parts.length < spec.fields.length) continue;
    const last = spec.fields.length - 1;
    const values = [...parts.slice(0, last), parts.slice(last).join(spec.separator)];
    records.push(Object.fromEntries(spec.fields.map((name, i) => [name, values[i] ?? ''])));
    if (records.length >= MAX_RECORDS) break;
  }
  return records;
}

/** `key=value` lines as one record. The first of a key counts, so a value cannot forge an earlier key. */
export function parseKeyValues(text: string, spec: KeyValues): Fields {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (spec.marker && !line.startsWith(spec.marker)) continue;
    const found = /^([\w][\w.-]*)=(.*)$/su.exec(line.slice(spec.marker?.length ?? 0).replace(/\r$/u, ''));
    if (!found?.[1] || fields.has(found[1])) continue;
    fields.set(found[1], found[2] ?? '');
    if (fields.size >= MAX_FIELDS) break;
  }
  return Object.fromEntries(fields);
}

/**
 * One record of an output.
 * @throws HotdeskError `output-unparsable`
 */
export function parseOutput(text: string, spec: Output): Fields {
  switch (spec.format) {
    case 'key-values':
      return parseKeyValues(text, spec);
    case 'regex':
      return parseRegex(text, spec.pattern);
    case 'json':
      return parseJson(text);
  }
}

function parseRegex(text: string, pattern: string): Fields {
  const found = new RegExp(pattern, 'mu').exec(text);
  if (!found) throw new HotdeskError('output-unparsable', 'The output has not the form that was expected.');
  const groups = found.groups ?? {};
  return Object.fromEntries(Object.entries(groups).filter(([, value]) => value !== undefined));
}

function parseJson(text: string): Fields {
  const from = text.indexOf('{');
  const to = text.lastIndexOf('}');
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  try {
    flatten(JSON.parse(text.slice(Math.max(from, 0), to + 1)), '', fields);
  } catch (cause) {
    throw new HotdeskError('output-unparsable', 'The output is not the JSON that was expected.', { cause });
  }
  return { ...fields };
}

function flatten(value: unknown, prefix: string, into: Record<string, string>): void {
  if (value === null || value === undefined) return;
  if (typeof value !== 'object') {
    into[prefix] = String(value);
    return;
  }
  for (const [key, inner] of Object.entries(value)) flatten(inner, prefix ? `${prefix}.${key}` : key, into);
}

/**
 * Sub-records of a record: a pattern with two groups over its keys makes one for each first group,
 * with the second group as field. `client.0.uuid` and `client.0.hostname` become one.
 */
export function groupFields(fields: Fields, pattern: string): Fields[] {
  const keys = new RegExp(pattern, 'u');
  const groups = new Map<string, Record<string, string>>();
  for (const [key, value] of Object.entries(fields)) {
    const found = keys.exec(key);
    if (found?.[1] === undefined || found[2] === undefined) continue;
    const group = groups.get(found[1]) ?? {};
    group[found[2]] = value;
    groups.set(found[1], group);
    if (groups.size >= MAX_RECORDS) break;
  }
  return [...groups.values()];
}
