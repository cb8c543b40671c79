/**
 * The user's settings, in `config.json` of hotdesk's config folder (mode 0600), written by conf
 * (settings-file.ts). Only what the user set is in the file. A broken file is set aside under a name
 * that says so, what is good in it lives on, and the problem is told as long as that file is there:
 * nothing is reset in silence.
 */
import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import {
  isPlainObject,
  judge,
  pathOf,
  type RawSettings,
  requireGood,
  valueAt,
  valueOfText,
  withValue,
} from './settings-edit.ts';
import type { writeSettings } from './settings-file.ts';
import { DEFAULTS, SETTING_KEYS, SETTING_TEXTS, type SettingKey, type Settings } from './settings-schema.ts';

/** A setting for people. */
export interface SettingRow {
  readonly key: string;
  readonly value: unknown;
  readonly default: unknown;
  readonly doc: string;
}

export interface SettingsProblem {
  readonly code: 'bad-settings';
  readonly message: string;
  readonly hint: string;
}

export interface SettingsStore {
  /** The file. */
  readonly path: string;
  /** Complete settings, read anew when the file has changed. A file broken since keeps the last good ones. */
  current(): Settings;
  /** What is wrong with the file, or was when it was set aside. */
  problems(): readonly SettingsProblem[];
  list(): readonly SettingRow[];
  /** @throws HotdeskError `bad-settings` for an unknown key */
  get(key: string): SettingRow;
  /**
   * @param text JSON, or plain text
   * @throws HotdeskError `bad-settings` for an unknown key or a value that it cannot have
   */
  set(key: string, text: string): Promise<SettingRow>;
  /** Back to the default. @throws HotdeskError `bad-settings` for an unknown key */
  unset(key: string): Promise<SettingRow>;
}

type Contents = { readonly raw: RawSettings } | { readonly broken: string };

const fileIn = (configDir: string): string => path.join(configDir, 'config.json');

function contentsOf(file: string): Contents {
  if (!existsSync(file)) return { raw: {} };
  try {
    const raw: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isPlainObject(raw) ? { raw } : { broken: 'it is no JSON object' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      broken: error instanceof SyntaxError ? `it is not JSON (${why})` : `it cannot be read (${why})`,
    };
  }
}

function asideName(file: string, now: Date): string {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/gu, '');
  for (let n = 1; ; n += 1) {
    const name = `${file}.broken-${stamp}${n === 1 ? '' : `-${n}`}`;
    if (!existsSync(name)) return name;
  }
}

/** What the bad values should be; empty where none is bad. */
const rulesOf = (bad: readonly SettingKey[]): string =>
  bad.map((key) => `${key} must be ${SETTING_TEXTS[key].expects}`).join('; ');

const problem = (message: string, hint: string): SettingsProblem => ({ code: 'bad-settings', message, hint });

/**
 * Opens the settings in `configDir`, setting a broken file aside.
 * @throws HotdeskError `bad-settings` when the file cannot be set aside
 */
export async function openSettings(
  configDir: string,
  now: () => Date = () => new Date(),
): Promise<SettingsStore> {
  const file = fileIn(configDir);
  const reasons = new Map<string, string>();
  const kept = setAsideIfBroken(file, now(), reasons);
  if (kept !== undefined) (await loadWriter())(configDir, kept);
  return new FileSettings(configDir, reasons);
}

/** conf is loaded for writing alone: an agent that changes no setting does without its 4 MB. */
async function loadWriter(): Promise<typeof writeSettings> {
  return (await import('./settings-file.ts')).writeSettings;
}

/** What of a broken file is good, after it was renamed; undefined where the file was whole. */
function setAsideIfBroken(file: string, now: Date, reasons: Map<string, string>): RawSettings | undefined {
  const contents = contentsOf(file);
  const bad = 'raw' in contents ? judge(contents.raw).bad : [];
  if ('raw' in contents && bad.length === 0) return undefined;
  const aside = asideName(file, now);
  try {
    renameSync(file, aside);
  } catch (cause) {
    throw new HotdeskError('bad-settings', `${file} is broken and cannot be set aside.`, {
      hint: 'Mend it, or move it away.',
      cause,
    });
  }
  const good =
    'raw' in contents
      ? Object.fromEntries(Object.entries(contents.raw).filter(([key]) => !bad.some((name) => name === key)))
      : {};
  // Whoever turned advertising down must not be advertised because of a slip of the pen.
  const quiet = 'broken' in contents || bad.includes('advertise');
  const why = 'broken' in contents ? contents.broken : rulesOf(bad);
  reasons.set(path.basename(aside), quiet ? `${why}; advertising is off until you set it` : why);
  return quiet ? { ...good, advertise: 'off' } : good;
}

class FileSettings implements SettingsStore {
  readonly path: string;
  readonly #configDir: string;
  /** Why files were set aside, by name, as far as this process did it. */
  readonly #reasons: ReadonlyMap<string, string>;
  #settings: Settings = DEFAULTS;
  #raw: RawSettings = {};
  #live: readonly SettingsProblem[] = [];
  /** Whether the file is broken since it was opened. */
  #broken = false;
  #seen = '';

  constructor(configDir: string, reasons: ReadonlyMap<string, string>) {
    this.path = fileIn(configDir);
    this.#configDir = configDir;
    this.#reasons = reasons;
  }

  current(): Settings {
    const stat = statSync(this.path, { throwIfNoEntry: false });
    const seen = stat ? `${stat.mtimeMs} ${stat.size} ${stat.ino}` : 'none';
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#read();
    }
    return this.#settings;
  }

  problems(): readonly SettingsProblem[] {
    this.current();
    const folder = path.dirname(this.path);
    const names = existsSync(folder)
      ? readdirSync(folder).filter((name) => name.startsWith('config.json.broken-'))
      : [];
    const aside = names.sort().map((name) => {
      const why = this.#reasons.get(name);
      const message = `The settings file was broken and is set aside as ${name}${why ? `: ${why}` : ''}.`;
      const where = path.join(folder, name);
      return problem(message, `Set what you need with hotdesk config set, then delete ${where}.`);
    });
    return [...this.#live, ...aside];
  }

  list(): readonly SettingRow[] {
    return SETTING_KEYS.map((key) => this.get(key));
  }

  get(key: string): SettingRow {
    const at = pathOf(key);
    const doc = SETTING_TEXTS[at[0]].doc;
    return { key, value: valueAt(this.current(), at), default: valueAt(DEFAULTS, at), doc };
  }

  async set(key: string, text: string): Promise<SettingRow> {
    return this.#edit(key, valueOfText(text));
  }

  async unset(key: string): Promise<SettingRow> {
    return this.#edit(key, undefined);
  }

  async #edit(key: string, value: unknown): Promise<SettingRow> {
    const at = pathOf(key);
    const write = await loadWriter();
    // Nothing is awaited from here on: two that set at once must not lose one another's.
    this.current();
    if (this.#broken) {
      throw new HotdeskError('bad-settings', `${this.path} is broken; nothing was changed.`, { hint: MEND });
    }
    const next = withValue(this.#raw, at, value);
    requireGood(next, key, at);
    write(this.#configDir, next);
    this.#seen = '';
    return this.get(key);
  }

  #read(): void {
    const contents = contentsOf(this.path);
    const why = 'broken' in contents ? contents.broken : rulesOf(judge(contents.raw).bad);
    this.#broken = why !== '';
    if ('broken' in contents || this.#broken) {
      this.#live = [problem(`The settings file is broken: ${why}. The last good settings are in use.`, MEND)];
      return;
    }
    const { settings, unknown } = judge(contents.raw);
    this.#settings = settings;
    this.#raw = contents.raw;
    this.#live = unknown.map((key) =>
      problem(
        `The settings file has "${sanitise(key, 60)}", which is no setting of this version.`,
        'hotdesk config list shows every setting.',
      ),
    );
  }
}

const MEND = 'Mend the file; it is read again when it changes.';
