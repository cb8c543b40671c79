/** Files of this machine. */
import { chmod, lstat, mkdir, open, readFile, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { HotdeskError } from '../../kernel/errors.ts';
import { draftOf, type Files } from './files.ts';

/** @param home of the user */
export function filesHere(home: string): Files {
  return {
    where: 'here',
    name: 'this machine',
    home,
    stat: (path) =>
      orMissing(path, async () => {
        const found = await stat(path);
        const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
        return { kind, mode: found.mode & 0o7777, uid: found.uid };
      }),
    read: (path) => orMissing(path, () => readFile(path)),
    write: (path, bytes, mode) => failing(path, () => replace(path, bytes, mode)),
    discardDraft: async (path) => rm(draftOf(await targetOf(path)), { force: true }).catch(() => {}),
    makeFolder: async (path, mode) => {
      if (await isThere(path)) return false;
      await failing(path, async () => {
        await mkdir(path, { mode });
        // Whatever the umask is.
        await chmod(path, mode);
      });
      return true;
    },
    setMode: (path, mode) => failing(path, () => chmod(path, mode)),
    remove: (path) => failing(path, () => rm(path, { force: true })),
    removeFolder: async (path) => {
      await rmdir(path).catch(() => {});
      return !(await isThere(path));
    },
  };
}

/** A file that is a link stays one. */
function targetOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

async function replace(path: string, bytes: Buffer, mode: number): Promise<void> {
  const target = await targetOf(path);
  const old = await stat(target).catch(() => undefined);
  const draft = draftOf(target);
  await rm(draft, { force: true });
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.chmod(old ? old.mode & 0o7777 : mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

async function orMissing<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw failure(path, cause);
  }
}

async function failing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw failure(path, cause);
  }
}

function failure(path: string, cause: unknown): HotdeskError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new HotdeskError('unsafe-file', `${path} cannot be changed: ${why}.`, {
    cause,
    hint: `Nothing was changed. Look at it with: ls -ld ${path}`,
  });
}
