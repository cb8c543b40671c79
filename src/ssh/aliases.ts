/** Hosts that the user has named in ssh_config: `Host` patterns without wildcards, Include followed. */
import { readdir, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { SshEnvironment } from './ssh-config.ts';

/** As in OpenSSH (READCONF_MAX_DEPTH). */
const MAX_DEPTH = 16;
const ALIAS = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._:%-]*$/u;

/** Aliases in the order of the files, each once. A file that is missing or unreadable holds none. */
export async function listAliases(environment: SshEnvironment = {}): Promise<string[]> {
  const home = environment.home ?? userInfo().homedir;
  const aliases = new Set<string>();
  await readInto(aliases, environment.configFile ?? join(home, '.ssh/config'), home, 0);
  return [...aliases];
}

async function readInto(aliases: Set<string>, file: string, home: string, depth: number): Promise<void> {
  if (depth > MAX_DEPTH) return;
  const text = await readFile(file, 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    const { keyword, values } = parseConfigLine(line);
    if (keyword === 'host') for (const alias of values) if (ALIAS.test(alias)) aliases.add(alias);
    if (keyword !== 'include') continue;
    for (const pattern of values) {
      for (const included of await expandGlob(includePath(pattern, home))) {
        await readInto(aliases, included, home, depth + 1);
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
