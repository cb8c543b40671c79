import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HotdeskError } from '../kernel/errors.ts';

/**
 * Makes `path` a folder that only `uid` can enter.
 * @throws HotdeskError `unsafe-file` if it is a link, no folder, or somebody else's
 */
export function ensurePrivateDir(path: string, uid: number): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const stat = lstatSync(path);
  if (!stat.isDirectory() || stat.uid !== uid) {
    throw new HotdeskError('unsafe-file', `${path} is not a folder of yours.`, {
      hint: `Look at who made it (ls -ld ${path}); remove it or ask its owner to.`,
    });
  }
  if ((stat.mode & 0o077) !== 0) chmodSync(path, 0o700);
}

/**
 * Makes `path` an empty folder: what a killed process left there goes. The folder that it is in must be private.
 * @returns `path`
 */
export function emptyDir(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(path)) rmSync(join(path, name), { force: true, recursive: true });
  return path;
}
