/**
 * Text from elsewhere (mDNS, remote hosts, session titles) on its way to a person. Nothing that a
 * stranger wrote reaches a terminal, a menu or a log line before it has been through here.
 */

// Controls (C0, C1), format characters (bidi, zero-width, soft hyphen, tags), line and paragraph separators.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Longest name (of a host, session, user) that is kept, in UTF-16 units. */
export const NAME_LIMIT = 120;
/** Longest title or message that is kept, in UTF-16 units. */
export const TITLE_LIMIT = 300;

/**
 * Makes one line of text safe to show: control, bidi-override and invisible characters become a
 * space, runs of white space one space, lone surrogates U+FFFD, and the length is limited.
 */
export function sanitise(text: string, limit: number = TITLE_LIMIT): string {
  const head = text.length > limit * 4 ? text.slice(0, limit * 4) : text;
  const clean = head.toWellFormed().replace(UNSAFE, ' ').replace(/\s+/gu, ' ').trim();
  if (clean.length <= limit) return clean;
  return `${clean
    .slice(0, limit - 1)
    .toWellFormed()
    .replace(/\ufffd$/u, '')}…`;
}

/** A sanitised name, or `fallback` when nothing printable is left of it. */
export function sanitiseName(text: string, fallback: string): string {
  return sanitise(text, NAME_LIMIT) || fallback;
}

/** Orders by code unit. For names of ours: `localeCompare` loads 3 MB of ICU data into the process. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const ZERO = /\p{M}/u;

/** Columns that `text` takes on a terminal (combining marks 0, East Asian wide and emoji 2). */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) width += ZERO.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

/** Cuts `text` to `columns` terminal columns, the last of them `…` if anything was cut. */
export function fit(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns <= 0) return '';
  let out = '';
  let width = 0;
  for (const char of text) {
    const w = displayWidth(char);
    if (width + w > columns - 1) break;
    out += char;
    width += w;
  }
  return `${out}…`;
}
