/**
 * The file format that desktop entries and icon themes share: groups of `key=value` lines in UTF-8
 * (Desktop Entry Specification 1.5, "Basic format of the file"). Pure; a file that breaks the format
 * is read as far as it keeps it, because it is somebody else's.
 */

/** Values as they are in the file, still escaped, by key (`Name`, `Name[de]`). */
export type Group = ReadonlyMap<string, string>;

/** Longest line that is looked at, in UTF-16 units: an Exec line is far below. */
const LINE_LIMIT = 16_384;
/** No file of this kind has more. */
const LINES_LIMIT = 20_000;

const HEADER = /^\[([^[\]\p{Cc}]+)\]\s*$/u;
const ENTRY = /^([A-Za-z0-9-]+(?:\[[^[\]=\s]+\])?)[ \t]*=[ \t]*(.*)$/u;

/** Groups by name. Where a key or a group comes twice, which the format forbids, the first one counts. */
export function parseKeyFile(text: string): ReadonlyMap<string, Group> {
  const groups = new Map<string, Map<string, string>>();
  let group: Map<string, string> | undefined;
  const lines = text.replace(/^\ufeff/u, '').split(/\r?\n|\r$/u, LINES_LIMIT);
  for (const line of lines) {
    if (line.length > LINE_LIMIT || line.startsWith('#')) continue;
    const name = HEADER.exec(line)?.[1];
    if (name !== undefined) {
      group = groups.has(name) ? new Map() : new Map<string, string>();
      if (!groups.has(name)) groups.set(name, group);
      continue;
    }
    const [, key, value] = ENTRY.exec(line) ?? [];
    if (group && key !== undefined && value !== undefined && !group.has(key)) group.set(key, value);
  }
  return groups;
}

const ESCAPES: Readonly<Record<string, string>> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' };

/** A value of type string or localestring without its escapes ("Possible value types"). */
export function unescapeString(value: string): string {
  return value.replace(/\\(.)/gsu, (whole, char: string) => ESCAPES[char] ?? whole);
}

/** The members of a list value: separated by `;`, a literal one written `\;`. Empty ones are left out. */
export function splitList(value: string, limit = 100): string[] {
  const members = value.match(/(?:\\.|[^;\\])+/gsu) ?? [];
  return members
    .slice(0, limit)
    .map((member) => unescapeString(member.replaceAll('\\;', ';')).trim())
    .filter((member) => member !== '');
}

/** `true` and `false`; `1` and `0` are what old files say. Anything else: undefined. */
export function booleanOf(value: string | undefined): boolean | undefined {
  const text = value?.trim();
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : undefined;
}

/** `lang_COUNTRY.ENCODING@MODIFIER` of a locale, without what is not there; undefined for C and POSIX. */
const LOCALE = /^([A-Za-z]{2,8})(?:_([A-Za-z0-9]{2,8}))?(?:\.[\w-]+)?(?:@([A-Za-z0-9]+))?$/u;

/**
 * The keys `[…]` that match a locale, best first ("Localized values for keys"): lang_COUNTRY@MODIFIER,
 * lang_COUNTRY, lang@MODIFIER, lang. The encoding plays no part.
 */
export function localeKeys(locale: string | undefined): string[] {
  const [, lang, country, modifier] = LOCALE.exec(locale ?? '') ?? [];
  if (lang === undefined || lang === 'POSIX') return [];
  return [
    ...(country && modifier ? [`${lang}_${country}@${modifier}`] : []),
    ...(country ? [`${lang}_${country}`] : []),
    ...(modifier ? [`${lang}@${modifier}`] : []),
    lang,
  ];
}

/** The value of `key` in the best of those locales, else the untranslated one. */
export function localised(group: Group, key: string, locales: readonly string[]): string | undefined {
  for (const locale of locales) {
    const value = group.get(`${key}[${locale}]`);
    if (value !== undefined) return unescapeString(value);
  }
  const plain = group.get(key);
  return plain === undefined ? undefined : unescapeString(plain);
}
