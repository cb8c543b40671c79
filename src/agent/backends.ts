/** The profiles of this machine, bound to machines once each, and the options of a session. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Options } from '../actions/context.ts';
import { HotdeskError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Machine } from '../model/machine.ts';
import type { Profile } from '../model/profile.ts';
import type { SettingsStore } from '../platform/settings.ts';
import type { Backend } from '../profiles/backend.ts';
import { bindBackend } from '../profiles/bind.ts';
import { isProfileFile, type LoadedProfile, loadProfiles } from '../profiles/load.ts';
import { checkOptions } from '../profiles/options.ts';
import { byPreference } from '../profiles/preference.ts';

export class Backends {
  readonly #settings: SettingsStore;
  readonly #configDir: string;
  readonly #log: Logger;
  #loaded: readonly LoadedProfile[] = [];
  /** How the user's files were when they were read. */
  #stamp = '';
  #bound = new WeakMap<Machine, Map<string, Backend>>();

  constructor(settings: SettingsStore, configDir: string, log: Logger) {
    this.#settings = settings;
    this.#configDir = configDir;
    this.#log = log;
  }

  /** Reads the profile files again. A broken one is reported and left out. */
  async load(): Promise<void> {
    const user = join(this.#configDir, 'profiles');
    this.#stamp = await stampOf(user);
    const loaded = await loadProfiles({
      packaged: packagedProfiles(),
      prepared: join(ownFolder(), 'profiles.json'),
      user,
    });
    // One that says what it said is the same one: what was listed by it stands.
    const before = new Map(this.#loaded.map((each) => [JSON.stringify(each), each]));
    this.#loaded = loaded.map((each) => before.get(JSON.stringify(each)) ?? each);
    this.#bound = new WeakMap();
    for (const { file, problem } of this.#loaded) {
      if (problem) this.#log.warn({ file, code: problem.code }, problem.message);
    }
  }

  /** Reads them again where the user has changed one. @returns whether that was so */
  async freshen(): Promise<boolean> {
    if ((await stampOf(join(this.#configDir, 'profiles'))) === this.#stamp) return false;
    await this.load();
    return true;
  }

  all(): readonly LoadedProfile[] {
    return this.#loaded;
  }

  /** By preference. */
  usable(): readonly Profile[] {
    const profiles = this.#loaded.flatMap(({ profile }) => (profile ? [profile] : []));
    return byPreference(profiles, this.#settings.current().preferBackends);
  }

  /** The same backend each time for the same machine: it remembers what it listed. */
  bind(name: string, machine: Machine): Backend {
    const known = this.#bound.get(machine) ?? new Map<string, Backend>();
    this.#bound.set(machine, known);
    const bound = known.get(name);
    if (bound) return bound;
    const profile = this.usable().find((p) => p.name === name);
    if (!profile) {
      throw new HotdeskError('unknown-profile', `There is no backend “${name}”.`, {
        candidates: this.usable().map((p) => p.name),
        hint: 'See `hotdesk profiles list`.',
      });
    }
    const made = bindBackend(profile, machine);
    known.set(name, made);
    return made;
  }

  /**
   * What was given, over the settings of the session, of the host, of the profile, over the profile's
   * defaults. Names of a host or session: each counts, the first most.
   * @throws HotdeskError `bad-option`
   */
  options(
    profile: Profile,
    given: Options,
    where: { readonly host?: readonly string[]; readonly session?: readonly string[] } = {},
  ): Options {
    const { profileOptions, hostOptions, sessionOptions } = this.#settings.current();
    const first = (from: object, names: readonly string[] = []) =>
      names.find((name) => Object.hasOwn(from, name)) ?? '';
    const host = first(hostOptions, where.host);
    const session = first(sessionOptions, where.session);
    const set: readonly [readonly string[], Options | undefined][] = [
      [['profileOptions', profile.name], profileOptions[profile.name]],
      [['hostOptions', host, profile.name], hostOptions[host]?.[profile.name]],
      [['sessionOptions', session], sessionOptions[session]],
    ];
    const cureOf = (name: string) => {
      const [keys] = set.findLast(([, options]) => options && Object.hasOwn(options, name)) ?? [];
      return keys && !Object.hasOwn(given, name) ? unsetting([...keys, name]) : undefined;
    };
    const all: Options = Object.assign({}, ...set.map(([, options]) => options));
    return checkOptions(profile, { ...all, ...given }, cureOf);
  }
}

/** How a value of the settings is got rid of. A key with a dot in a part of it is no path. */
function unsetting(keys: readonly string[]): string {
  const [setting = ''] = keys;
  if (keys.some((key) => !/^[\w@-]+$/u.test(key))) {
    return `It stands in the settings: \`hotdesk config get ${setting}\`.`;
  }
  return `It stands in the settings: \`hotdesk config unset ${keys.join('.')}\`.`;
}

/** What changes when a file of the folder does; empty where there is no such folder. */
async function stampOf(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter(isProfileFile).sort();
  const stamps = await Promise.all(
    files.map((name) =>
      stat(join(folder, name)).then(
        ({ ino, size, mtimeMs }) => `${name} ${ino} ${size} ${mtimeMs}`,
        () => name,
      ),
    ),
  );
  return stamps.join('\n');
}

/** The bundle's, or the source's. */
function ownFolder(): string {
  return typeof __dirname === 'string' ? __dirname : dirname(fileURLToPath(import.meta.url));
}

/** The folder `profiles` beside the bundle's, or above the sources. */
function packagedProfiles(): string {
  for (let folder = ownFolder(); folder !== dirname(folder); folder = dirname(folder)) {
    const profiles = join(folder, 'profiles');
    if (existsSync(join(profiles, 'schema.json')) || existsSync(join(profiles, 'tmux.yaml'))) return profiles;
  }
  throw new HotdeskError('internal', 'The packaged profiles are missing.', {
    hint: 'Install hotdesk again.',
  });
}
