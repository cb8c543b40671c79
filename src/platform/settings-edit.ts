import { HotdeskError } from '../kernel/errors.ts';
import { isSettingKey, SETTING_KEYS, SETTING_TEXTS, type SettingKey, Settings } from './settings-schema.ts';

/** Settings as they are in the file: only what the user set, perhaps with keys of another version. */
export type RawSettings = Readonly<Record<string, unknown>>;

export interface Judged {
  /** Complete: what is missing or bad is at its default. */
  readonly settings: Settings;
  /** Keys whose value is not what it must be. */
  readonly bad: readonly SettingKey[];
  /** Keys that this version does not know; they are kept. */
  readonly unknown: readonly string[];
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sorts what a file holds into what counts and what does not. */
export function judge(raw: RawSettings): Judged {
  const known = Object.keys(raw).filter(isSettingKey);
  const bad = known.filter((key) => !Settings.shape[key].safeParse(raw[key]).success);
  const good = known.filter((key) => !bad.includes(key)).map((key) => [key, raw[key]]);
  return {
    settings: Settings.parse(Object.fromEntries(good)),
    bad,
    unknown: Object.keys(raw).filter((key) => !isSettingKey(key)),
  };
}

/** What may follow a setting's key, after dots. */
const PARTS: Partial<Record<SettingKey, readonly string[]>> = {
  profileOptions: ['PROFILE', 'OPTION'],
  appBackends: ['APP'],
  hostOptions: ['HOST', 'PROFILE', 'OPTION'],
  sessionOptions: ['SESSION', 'OPTION'],
  tray: ['backend|panel'],
  notifications: ['opened|moved|ended|hosts'],
};
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/u;
const APP = /^[^\p{Cc}\s]{1,200}$/u;
const GIVEN = /^[^\p{Cc}\s.]{1,120}$/u;

/**
 * The parts of a dotted key: `profileOptions.xpra.speaker`.
 * @throws HotdeskError `bad-settings` for a key that there is not
 */
export function pathOf(key: string): readonly [SettingKey, ...string[]] {
  const [top = '', ...parts] = key.split('.');
  if (!isSettingKey(top)) {
    throw new HotdeskError('bad-settings', `There is no setting "${key}".`, {
      hint: `hotdesk config list shows every setting: ${SETTING_KEYS.join(', ')}.`,
      candidates: SETTING_KEYS.filter((name) => name.toLowerCase().includes(top.toLowerCase()) && top !== ''),
    });
  }
  // The id of an application has dots of its own.
  const rest = top === 'appBackends' && parts.length > 0 ? [parts.join('.')] : parts;
  const deeper = PARTS[top] ?? [];
  const isPart = (part: string, at: number) =>
    deeper[at] === 'APP'
      ? APP.test(part)
      : (deeper[at] === 'HOST' || deeper[at] === 'SESSION' ? GIVEN : NAME).test(part);
  if (rest.length > deeper.length || !rest.every(isPart)) {
    const forms = deeper.map((_, at) => [top, ...deeper.slice(0, at + 1)].join('.'));
    throw new HotdeskError('bad-settings', `There is no setting "${key}".`, {
      hint: forms.length > 0 ? `Write ${[top, ...forms].join(', ')}.` : `Write ${top} alone.`,
    });
  }
  return [top, ...rest];
}

/** The value that text on a command line means: JSON where it is that, else the text itself. */
export function valueOfText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What is at `path`, or undefined. */
export function valueAt(from: unknown, path: readonly string[]): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return from;
  return isPlainObject(from) && Object.hasOwn(from, head) ? valueAt(from[head], rest) : undefined;
}

/** A copy of `raw` with `value` at `path`; `undefined` takes it away, and objects that it leaves empty. */
export function withValue(raw: RawSettings, path: readonly string[], value: unknown): RawSettings {
  const [head, ...rest] = path;
  if (head === undefined) return raw;
  const inner = Object.hasOwn(raw, head) ? raw[head] : undefined;
  const next = rest.length === 0 ? value : withValue(isPlainObject(inner) ? inner : {}, rest, value);
  const { [head]: _, ...others } = raw;
  const gone =
    next === undefined || (rest.length > 0 && isPlainObject(next) && Object.keys(next).length === 0);
  return gone ? others : { ...others, [head]: next };
}

/**
 * Checks the setting that an edit touched.
 * @throws HotdeskError `bad-settings` with what the value must be
 */
export function requireGood(raw: RawSettings, key: string, path: readonly [SettingKey, ...string[]]): void {
  const [top] = path;
  if (!judge(raw).bad.includes(top)) return;
  const { expects, example } = SETTING_TEXTS[top];
  const shown = JSON.stringify(valueAt(raw, path))?.slice(0, 60);
  throw new HotdeskError('bad-settings', `${key} cannot be ${shown}: ${top} must be ${expects}.`, {
    hint: `For example: ${example}`,
  });
}
