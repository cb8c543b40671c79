/** What a user's home holds, to compare with how it was. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Every entry below `folder` with its mode and, of files, a hash of its bytes.
 * @param except names of paths, from `folder`, that are left out with what is below them
 */
export function homeOf(folder: string, except: readonly string[] = []): Record<string, string> {
  const entries: Record<string, string> = {};
  const walk = (below: string) => {
    for (const name of readdirSync(join(folder, below)).sort()) {
      const path = join(below, name);
      if (except.includes(path)) continue;
      const full = join(folder, path);
      const stat = lstatSync(full);
      const mode = (stat.mode & 0o7777).toString(8);
      if (stat.isDirectory()) {
        entries[path] = `folder ${mode}`;
        walk(path);
      } else if (stat.isSymbolicLink()) entries[path] = `link ${readlinkSync(full)}`;
      else if (stat.isFile()) {
        entries[path] = `file ${mode} ${createHash('sha256').update(readFileSync(full)).digest('hex')}`;
      } else entries[path] = 'special';
    }
  };
  walk('.');
  return entries;
}
