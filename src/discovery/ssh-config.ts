/**
 * The hosts that the user has named in ssh_config. Nothing is looked up: an alias may stand for a
 * machine behind a jump host, and only ssh knows how to get there.
 */
import { unwatchFile, watchFile } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { toHotdeskError } from '../kernel/errors.ts';
import { sanitiseName } from '../kernel/text.ts';
import type { SshRoute } from '../model/host.ts';
import type { Finder, FinderSink } from './finder.ts';

export interface ConfigHost {
  readonly alias: string;
  readonly hostName?: string | undefined;
  readonly route?: SshRoute | undefined;
}

export interface SshConfigFinderDeps {
  /** The hosts without wildcards, as ssh_config has them. Asked again whenever a file changes. */
  aliases(): Promise<readonly ConfigHost[]> | readonly ConfigHost[];
  /** Files that they come from, `~/.ssh/config` first; one that is not there yet may come. */
  readonly files: readonly string[];
  /** How often the files are looked at, in ms; default 3,000. */
  readonly pollMs?: number | undefined;
}

/** More than this nobody has written by hand; the rest is left out. */
const ALIAS_LIMIT = 2000;
const POLL_MS = 3000;

export function createSshConfigFinder(deps: SshConfigFinderDeps): Finder {
  return new SshConfigFinder(deps);
}

class SshConfigFinder implements Finder {
  readonly name = 'ssh-config' as const;
  readonly #deps: SshConfigFinderDeps;
  /** By alias. */
  #told = new Map<string, ConfigHost>();
  #sink: FinderSink | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(deps: SshConfigFinderDeps) {
    this.#deps = deps;
  }

  async start(sink: FinderSink): Promise<void> {
    this.#sink = sink;
    for (const file of this.#deps.files) {
      // Stat by time, not inotify: editors put another file in its place, and the folder may be missing.
      watchFile(file, { interval: this.#deps.pollMs ?? POLL_MS, persistent: false }, this.#changed);
    }
    await this.#read();
  }

  async stop(): Promise<void> {
    this.#sink = undefined;
    for (const file of this.#deps.files) unwatchFile(file, this.#changed);
    await this.#work;
    this.#told.clear();
  }

  /** An alias does not go away because its host does not answer. */
  suspect(): void {}

  readonly #changed = (): void => {
    void this.#read();
  };

  #read(): Promise<void> {
    this.#work = this.#work
      .then(() => this.#tell())
      .catch((error: unknown) => {
        this.#sink?.problem(toHotdeskError(error));
      });
    return this.#work;
  }

  async #tell(): Promise<void> {
    const listed = (await this.#deps.aliases()).filter(({ alias }) => isAlias(alias)).slice(0, ALIAS_LIMIT);
    const now = new Map(listed.map((host) => [host.alias, host]));
    const sink = this.#sink;
    if (!sink) return;
    for (const key of this.#told.keys()) if (!now.has(key)) sink.lost(key);
    for (const [key, host] of now) {
      if (isDeepStrictEqual(this.#told.get(key), host)) continue;
      const { hostName, route } = host;
      sink.found({
        finder: 'ssh-config',
        key,
        name: sanitiseName(key, 'host'),
        sshName: key,
        addresses: [],
        services: [],
        ...(hostName === undefined ? {} : { hostName: sanitiseName(hostName, 'host') }),
        ...(route === undefined ? {} : { route }),
      });
    }
    this.#told = now;
  }
}

/** Patterns name no host, and what starts with a dash would be an option to ssh. */
function isAlias(alias: string): boolean {
  return alias.length <= 255 && /^[^\s*?!-][^\s*?!]*$/u.test(alias);
}
