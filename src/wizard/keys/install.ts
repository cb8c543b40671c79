/** One key into the authorized_keys of the host: once, with the rights that sshd wants. */
import { posix } from 'node:path';
import { HotdeskError } from '../../kernel/errors.ts';
import type { Changes } from '../changes/changes.ts';
import type { Files, Stat } from '../files/files.ts';
import { fact, warning } from '../lines.ts';
import type { Line } from '../wizard.ts';
import { findKey } from './authorized-keys.ts';

/** What others may not have on these files: sshd ignores the keys then (StrictModes). */
const OTHERS_WRITE = 0o022;

/**
 * Installs a key.
 * @param line of authorized_keys, without its end
 * @throws HotdeskError `unsafe-file`: the file is as it was
 */
export async function installKey(
  files: Files,
  changes: Changes,
  line: string,
  blob: Buffer,
): Promise<Line[]> {
  const folder = posix.join(files.home, '.ssh');
  const path = posix.join(folder, 'authorized_keys');
  const before = await files.read(path);
  const options = findKey(before?.toString('utf8') ?? '', blob);
  if (options !== undefined) {
    return [
      fact(`${path} has the key already.`),
      ...(options === '' ? [] : [warning(`It is restricted there: ${options}`)]),
    ];
  }
  await changes.addLines(files, path, before, [line], 0o600);
  const [after, folderNow, fileNow] = await Promise.all([
    files.read(path),
    files.stat(folder),
    files.stat(path),
  ]);
  if (findKey(after?.toString('utf8') ?? '', blob) === undefined) {
    throw new HotdeskError('unsafe-file', `${path} on ${files.name} does not hold what was written to it.`);
  }
  await close(files, changes, folder, folderNow);
  await close(files, changes, path, fileNow);
  return [fact(`${path} has the key now.`)];
}

/** Takes the right to write from everybody else. */
export async function closeToOthers(files: Files, changes: Changes, path: string): Promise<void> {
  await close(files, changes, path, await files.stat(path));
}

async function close(files: Files, changes: Changes, path: string, stat: Stat | undefined): Promise<void> {
  if (!stat || (stat.mode & OTHERS_WRITE) === 0) return;
  await changes.setMode(files, path, stat.mode, stat.mode & ~OTHERS_WRITE);
}

/** Whether others may write in the home folder: sshd then ignores every key in it. */
export async function isHomeOpen(files: Files): Promise<boolean> {
  const stat = await files.stat(files.home);
  return stat !== undefined && (stat.mode & OTHERS_WRITE) !== 0;
}
