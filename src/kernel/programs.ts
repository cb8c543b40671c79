/** Programs of this machine, found as a shell finds them. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Where daemons are, which a user's PATH may not name. */
const DAEMONS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The first `name` in `path` (as PATH); nothing relative is looked at. Undefined where there is none. */
export function findProgram(name: string, path: string | undefined): string | undefined {
  const folders = (path ?? '').split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

/** Likewise a daemon: the folders of the system's own are looked at too. */
export function findDaemon(name: string, path: string | undefined): string | undefined {
  return findProgram(name, [path ?? '', ...DAEMONS].join(delimiter));
}

/** Whether `file` is there and may be run. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
