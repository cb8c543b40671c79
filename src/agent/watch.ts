/**
 * Notices that a backend's sessions may have changed, as its profile says: folders whose entries
 * come and go, sockets whose connections come, go or change hands, and a slow look for what neither shows.
 */
import { type FSWatcher, readFileSync } from 'node:fs';
import type { Watch } from '../model/profile.ts';
import { watchEntries } from './entries.ts';
import type { ChangeWatch } from './inventory.ts';

/** How often the sockets' connections are counted, in ms: a viewer is noticed within this. */
const SOCKETS_MS = 1500;
/** A quiet backend is looked at less and less often, down to once in so many of its profile's pauses. */
const MOST_PAUSES = 6;
/** But not less often than this, in ms, unless its profile's own pause is longer. */
const LONGEST_MS = 120_000;
/** Changes this close together are one, in ms; what opens just then is not held up by a listing. */
const GATHER_MS = 400;

export interface WatchEnv {
  readonly home: string;
  readonly uid: number;
  readonly user: string;
  /** XDG_RUNTIME_DIR, or the folder that it would be. */
  readonly runtime: string;
  readonly ticker: Ticker;
}

/** Reads the table of sockets for all who watch some: once each time, however many they are. */
export class Ticker {
  readonly #read: () => string | undefined;
  readonly #listeners = new Set<(table: string) => void>();
  #timer: NodeJS.Timeout | undefined;

  /** @param read text of /proc/net/unix; undefined where there is none */
  constructor(read: () => string | undefined) {
    this.#read = read;
  }

  now(): string {
    return this.#read() ?? '';
  }

  /** Calls `listener` with the table from time to time; returns what ends that. */
  join(listener: (table: string) => void): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => {
      const table = this.now();
      for (const each of this.#listeners) each(table);
    }, SOCKETS_MS).unref();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}

/** When to look again, in ms, at a backend that was quiet for some looks of `pause` ms. */
export function lookAfter(pause: number, pauses: number): number {
  return Math.min(pause * pauses, Math.max(pause, LONGEST_MS));
}

export function watchBackend(plan: Watch, env: WatchEnv, onChange: () => void): ChangeWatch {
  const patterns = plan.sockets.map((pattern) => new RegExp(fill(pattern, env), 'u'));
  const folders = new Map<string, FSWatcher>();
  let gather: NodeJS.Timeout | undefined;
  let pauses = 1;
  const tell = () => {
    gather ??= setTimeout(() => {
      gather = undefined;
      onChange();
    }, GATHER_MS);
  };
  const changed = () => {
    // Where something happens, more will.
    pauses = 1;
    tell();
  };
  const changedThere = () => {
    changed();
    follow();
  };
  const follow = () => {
    for (const folder of plan.folders.map((f) => fill(f, env))) {
      if (folders.has(folder)) continue;
      // What changed may be a folder that came and is to be watched as well.
      const watcher = watchEntries(folder, changedThere, () => folders.delete(folder));
      if (!watcher) continue;
      folders.set(folder, watcher);
      // What is in it already came unseen.
      changed();
    }
  };
  let seen = patterns.length ? socketUse(env.ticker.now(), patterns) : '';
  const count = (table: string) => {
    const now = socketUse(table, patterns);
    // The first session of a backend makes its folder.
    if (now !== seen) follow();
    if (now !== seen) changed();
    seen = now;
  };
  follow();
  let slow: NodeJS.Timeout | undefined;
  const look = () => {
    slow = setTimeout(
      () => {
        follow();
        tell();
        pauses = Math.min(pauses * 2, MOST_PAUSES);
        look();
      },
      lookAfter(plan.everySeconds * 1000, pauses),
    );
    slow.unref();
  };
  look();
  const leave = patterns.length ? env.ticker.join(count) : undefined;
  return {
    stop() {
      clearTimeout(gather);
      clearTimeout(slow);
      leave?.();
      for (const watcher of folders.values()) watcher.close();
    },
  };
}

export function procNetUnix(): string | undefined {
  try {
    return readFileSync('/proc/net/unix', 'latin1');
  } catch {
    return undefined;
  }
}

/**
 * Which ends each matching socket path has, by inode: changes when a viewer connects, leaves, or takes
 * another's place. proc_net_unix(5). Pure.
 */
export function socketUse(table: string, patterns: readonly RegExp[]): string {
  const ends: string[] = [];
  for (const line of table.split('\n')) {
    const at = line.indexOf('/');
    if (at < 0) continue;
    const path = line.slice(at);
    if (!patterns.some((pattern) => pattern.test(path))) continue;
    const inode = line.slice(0, at).trimEnd().split(' ').at(-1) ?? '';
    ends.push(`${path}\0${inode}`);
  }
  return ends.sort().join('\n');
}

function fill(text: string, env: WatchEnv): string {
  return text
    .replace(/^~(?=\/|$)/u, () => env.home)
    .replaceAll('{uid}', () => String(env.uid))
    .replaceAll('{user}', () => env.user)
    .replaceAll('{runtime}', () => env.runtime);
}
