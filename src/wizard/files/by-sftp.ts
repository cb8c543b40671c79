/** Files of a machine that runs no commands for us (ForceCommand internal-sftp, nologin): by SFTP alone. */
import { HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import type { Sftp } from '../../ssh/ssh.ts';
import { draftOf, type Files } from './files.ts';

/** @param name of the machine. @param home of the user there */
export function filesBySftp(sftp: Sftp, name: string, home: string): Files {
  const failing = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      const { code, message } = toHotdeskError(cause);
      if (code === 'timeout' || code === 'connection-lost') throw cause;
      throw new HotdeskError('unsafe-file', `${path} on ${name} cannot be changed: ${message}`, {
        cause,
        hint: `Nothing was changed. SFTP does not say why; is the disk of ${name} full, or the folder read-only?`,
      });
    }
  };
  return {
    where: 'there',
    name,
    home,
    stat: async (path) => {
      const found = await sftp.stat(path);
      if (!found) return undefined;
      const kind = found.isFile ? 'file' : found.isFolder ? 'folder' : 'other';
      return { kind, mode: found.mode & 0o7777, uid: found.uid };
    },
    read: (path) => failing(path, () => sftp.read(path)),
    write: (path, bytes, mode) => failing(path, () => replace(sftp, path, bytes, mode)),
    discardDraft: async (path) => {
      const draft = draftOf(await targetOf(sftp, path));
      if (await sftp.lstat(draft)) await sftp.unlink(draft).catch(() => {});
    },
    makeFolder: async (path, mode) => {
      if (await sftp.stat(path)) return false;
      await failing(path, () => sftp.mkdir(path, mode));
      return true;
    },
    setMode: (path, mode) => failing(path, () => sftp.chmod(path, mode)),
    remove: async (path) => {
      if (await sftp.lstat(path)) await failing(path, () => sftp.unlink(path));
    },
    removeFolder: async (path) => {
      await sftp.rmdir(path).catch(() => {});
      return (await sftp.lstat(path)) === undefined;
    },
  };
}

/** A file that is a link stays one. (Servers differ in what they say of a path that is not there.) */
async function targetOf(sftp: Sftp, path: string): Promise<string> {
  return (await sftp.stat(path)) ? ((await sftp.realpath(path)) ?? path) : path;
}

async function replace(sftp: Sftp, path: string, bytes: Buffer, mode: number): Promise<void> {
  const old = await sftp.stat(path);
  const target = await targetOf(sftp, path);
  const draft = draftOf(target);
  if (await sftp.lstat(draft)) await sftp.unlink(draft);
  try {
    await sftp.create(draft, bytes, old ? old.mode & 0o7777 : mode);
    const written = await sftp.stat(draft);
    if (written?.size !== bytes.length) throw new HotdeskError('command-failed', 'It was not written whole.');
    await sftp.rename(draft, target);
  } catch (error) {
    await sftp.unlink(draft).catch(() => {});
    throw error;
  }
}
