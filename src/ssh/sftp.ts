/** Files of a host by the SFTP subsystem (draft-ietf-secsh-filexfer-02, which is what OpenSSH speaks), as promises. */
import type { SFTPWrapper, Stats } from 'ssh2';
import { withTimeout } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { Line } from './line.ts';

const OPEN_MS = 10_000;
const CALL_MS = 30_000;
/** SSH_FX_NO_SUCH_FILE, §7 of the draft. */
const NO_SUCH_FILE = 2;

export interface SftpStat {
  /** With the bits of the file's type, as in stat(2). */
  readonly mode: number;
  readonly uid: number;
  readonly size: number;
  readonly isFile: boolean;
  readonly isFolder: boolean;
}

/** All paths are absolute. A failure is `command-failed` with the server's words; what is not there is undefined. */
export interface Sftp {
  /** The canonical form of a path; of `.`: the home folder. */
  realpath(path: string): Promise<string | undefined>;
  stat(path: string): Promise<SftpStat | undefined>;
  /** Without following a link. */
  lstat(path: string): Promise<SftpStat | undefined>;
  read(path: string): Promise<Buffer | undefined>;
  /** Makes a file that is not there yet, on the disk when this resolves (fsync@openssh.com, where it is known). */
  create(path: string, bytes: Buffer, mode: number): Promise<void>;
  /** In the place of what is there (posix-rename@openssh.com; PROTOCOL §4.3). */
  rename(from: string, to: string): Promise<void>;
  mkdir(path: string, mode: number): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  unlink(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  end(): void;
}

/**
 * Opens the subsystem on a channel of its own.
 * @param name of the host, for messages
 * @throws HotdeskError `not-supported` where the server does not answer; what ssh2 says of a refusal
 */
export async function openSubsystem(line: Line, name: string, signal?: AbortSignal): Promise<SFTPWrapper> {
  const late = new HotdeskError('not-supported', `${name} does not answer to SFTP.`);
  const opening = new Promise<SFTPWrapper>((resolve, reject) => {
    line.client.sftp((error, sftp) => {
      if (error) return reject(error);
      // What it says against the protocol ends it, also where nobody uses it any more.
      sftp.on('error', () => {});
      resolve(sftp);
    });
  });
  try {
    return await withTimeout(OPEN_MS, late, signal, () => opening);
  } catch (error) {
    opening.then(
      (sftp) => sftp.end(),
      () => {},
    );
    throw error;
  }
}

type Callback<T> = (error: Error | null | undefined, value: T) => void;

/** The calls of an open subsystem. @param name of the host, for messages */
export function sftpCalls(sftp: SFTPWrapper, name: string): Sftp {
  const call = <T>(what: string, start: (done: Callback<T>) => unknown): Promise<T> => {
    const late = new HotdeskError('timeout', `${name} did not answer in time (SFTP, ${what}).`);
    return withTimeout(CALL_MS, late, undefined, () => {
      return new Promise<T>((resolve, reject) => {
        start((cause, value) => (cause ? reject(new SftpFailure(name, what, cause)) : resolve(value)));
      });
    });
  };
  const none = (what: string, start: (done: Callback<void>) => unknown) => call<void>(what, start);
  const orMissing = <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => {
      if (error instanceof SftpFailure && error.status === NO_SUCH_FILE) return undefined;
      throw error;
    });
  return {
    realpath: (path) => orMissing(call<string>(path, (done) => sftp.realpath(path, done))),
    stat: async (path) => shaped(await orMissing(call<Stats>(path, (done) => sftp.stat(path, done)))),
    lstat: async (path) => shaped(await orMissing(call<Stats>(path, (done) => sftp.lstat(path, done)))),
    read: (path) => orMissing(call<Buffer>(path, (done) => sftp.readFile(path, done))),
    create: async (path, bytes, mode) => {
      const handle = await call<Buffer>(path, (done) => sftp.open(path, 'wx', { mode }, done));
      try {
        if (bytes.length > 0) {
          await none(path, (done) => sftp.write(handle, bytes, 0, bytes.length, 0, done));
        }
        // The server's umask has had its say in the mode.
        await none(path, (done) => sftp.fchmod(handle, mode, done));
        await none(path, (done) => sftp.ext_openssh_fsync(handle, done)).catch(() => {});
      } finally {
        await none(path, (done) => sftp.close(handle, done));
      }
    },
    rename: (from, to) => none(to, (done) => sftp.ext_openssh_rename(from, to, done)),
    mkdir: async (path, mode) => {
      await none(path, (done) => sftp.mkdir(path, { mode }, done));
      await none(path, (done) => sftp.chmod(path, mode, done));
    },
    chmod: (path, mode) => none(path, (done) => sftp.chmod(path, mode, done)),
    unlink: (path) => none(path, (done) => sftp.unlink(path, done)),
    rmdir: (path) => none(path, (done) => sftp.rmdir(path, done)),
    end: () => sftp.end(),
  };
}

class SftpFailure extends HotdeskError {
  readonly status: number | undefined;
  constructor(name: string, path: string, cause: Error) {
    super('command-failed', `${sanitise(path, 200)} on ${name}: ${sanitise(cause.message, 200)}.`, { cause });
    this.status = 'code' in cause && typeof cause.code === 'number' ? cause.code : undefined;
  }
}

function shaped(stats: Stats | undefined): SftpStat | undefined {
  if (!stats) return undefined;
  const { mode, uid, size } = stats;
  return { mode, uid, size, isFile: stats.isFile(), isFolder: stats.isDirectory() };
}
