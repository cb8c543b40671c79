/** Hosts that the user has named in ssh_config: `Host` patterns without wildcards, Include followed. */
import { readdir, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { SshRoute } from '../model/host.ts';
import type { SshEnvironment } from './ssh-config.ts';

/** As in OpenSSH (READCONF_MAX_DEPTH). */
const MAX_DEPTH = 16;
const ALIAS = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._:%-]*$/u;

/** A host as ssh_config names it. */
export interface NamedHost {
  readonly alias: string;
  /** Its HostName, `%h` filled in; only to see which found host it is: `ssh -G` has the last word. */
  readonly hostName?: string | undefined;
  /** What its blocks say of the way there, with ssh's defaults; what wildcards add is not in it. */
  readonly route: Required<SshRoute>;
}

type Block = Partial<Record<'hostname' | 'user' | 'port' | 'proxyjump' | 'proxycommand', string>>;

/** Hosts in the order of the files, each once. A file that is missing or unreadable holds none. */
export async function listAliases(environment: SshEnvironment = {}): Promise<NamedHost[]> {
  const home = environment.home ?? userInfo().homedir;
  const found = new Map<string, Block>();
  await readInto(found, environment.configFile ?? join(home, '.ssh/config'), home, 0);
  const me = userInfo().username;
  return [...found].map(([alias, block]) => ({
    alias,
    hostName: block.hostname?.replaceAll('%h', () => alias),
    route: {
      user: block.user === undefined || block.user === me ? '' : block.user,
      port: Number(block.port ?? 22),
      via: [block.proxyjump, block.proxycommand].find((way) => way && way.toLowerCase() !== 'none') ?? '',
    },
  }));
}

const TOLD = new Set<string>(['hostname', 'user', 'port', 'proxyjump', 'proxycommand']);

function isTold(keyword: string): keyword is keyof Block {
  return TOLD.has(keyword);
}

async function readInto(found: Map<string, Block>, file: string, home: string, depth: number): Promise<void> {
  if (depth > MAX_DEPTH) return;
  const text = await readFile(file, 'utf8').catch(() => '');
  let block: readonly string[] = [];
  for (const line of text.split('\n')) {
    const { keyword, values } = parseConfigLine(line);
    if (keyword === 'host' || keyword === 'match') {
      block = keyword === 'host' ? values.filter((alias) => ALIAS.test(alias)) : [];
      for (const alias of block) if (!found.has(alias)) found.set(alias, {});
    } else if (isTold(keyword) && values[0] !== undefined) {
      // A command is all of the line.
      const value = keyword === 'proxycommand' ? values.join(' ') : values[0];
      // The first value counts (ssh_config(5)).
      for (const alias of block) found.set(alias, { [keyword]: value, ...found.get(alias) });
    } else if (keyword === 'include') {
      for (const pattern of values) {
        for (const included of await expandGlob(includePath(pattern, home))) {
          await readInto(found, included, home, depth + 1);
        }
      }
    }
  }
}

/** A line of ssh_config(5): keyword and arguments, by spaces or one `=`, quoted where they hold spaces. */
export function parseConfigLine(line: string): { keyword: string; values: string[] } {
  const match = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)$/u.exec(line);
  if (!match) return { keyword: '', values: [] };
  const values: string[] = [];
  for (const [whole, quoted] of (match[2] ?? '').matchAll(/"([^"]*)"|[^\s"]+/gu)) {
    if (quoted === undefined && whole.startsWith('#')) break;
    values.push(quoted ?? whole);
  }
  return { keyword: (match[1] ?? '').toLowerCase(), values };
}

/** Relative names are in ~/.ssh (ssh_config(5), Include). */
function includePath(pattern: string, home: string): string {
  if (pattern.startsWith('~/')) return join(home, pattern.slice(2));
  return resolve(home, '.ssh', pattern);
}

/** Paths that match `*` and `?` in any part, sorted. */
async function expandGlob(pattern: string): Promise<string[]> {
  let found = ['/'];
  for (const part of pattern.split('/').filter(Boolean)) {
    if (!/[*?]/u.test(part)) {
      found = found.map((dir) => join(dir, part));
      continue;
    }
    const source = part
      .replace(/[.+^${}()|[\]\\]/gu, '\\$&')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]');
    const matcher = new RegExp(`^${source}$`, 'u');
    const lists = await Promise.all(
      found.map(async (dir) => {
        const names = await readdir(dir).catch(() => []);
        const shown = names.filter(
          (name) => matcher.test(name) && (part.startsWith('.') || !name.startsWith('.')),
        );
        return shown.sort().map((name) => join(dir, name));
      }),
    );
    found = lists.flat();
  }
  return found;
}
