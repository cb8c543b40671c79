/** Watches the entries of one folder. */
import { constants, type FSWatcher, lstatSync, readdirSync, statSync, watch } from 'node:fs';
import path from 'node:path';

/**
 * Calls `onChange` when an entry comes or goes, a file is written to, or a socket's mode changes (screen and
 * dtach tell by it whether somebody is attached). A socket that was only touched is none: xpra touches each of
 * its own once a minute. inotify(7) tells of both as IN_ATTRIB.
 *
 * @param onEnd the folder cannot be watched any more
 * @returns undefined where there is no such folder, or none that may be looked into
 */
export function watchEntries(folder: string, onChange: () => void, onEnd: () => void): FSWatcher | undefined {
  const modes = new Map<string, number>();
  const isAsBefore = (name: string) => {
    const before = modes.get(name);
    const now = socketMode(path.join(folder, name));
    if (now === undefined) modes.delete(name);
    else modes.set(name, now);
    return now !== undefined && now === before;
  };
  try {
    for (const name of readdirSync(folder)) isAsBefore(name);
    const own = identityOf(folder);
    const watcher = watch(folder, { persistent: false }, (event, name) => {
      // Of one that comes in its place nothing would be told.
      if (event === 'rename' && identityOf(folder) !== own) {
        watcher.close();
        onEnd();
      }
      const isTouched = name !== null && isAsBefore(name);
      if (event === 'rename' || !isTouched) onChange();
    });
    watcher.on('error', () => {
      watcher.close();
      onEnd();
    });
    return watcher;
  } catch {
    return undefined;
  }
}

/** Which folder it is; undefined where it is not there any more. A new one may get the number of the old one. */
function identityOf(folder: string): string | undefined {
  try {
    const { ino, birthtimeMs } = statSync(folder);
    return `${ino} ${birthtimeMs}`;
  } catch {
    return undefined;
  }
}

/** Undefined where it is no socket, or not there any more. */
function socketMode(file: string): number | undefined {
  try {
    const { mode } = lstatSync(file);
    return (mode & constants.S_IFMT) === constants.S_IFSOCK ? mode : undefined;
  } catch {
    return undefined;
  }
}
