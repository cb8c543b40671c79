/**
 * The agent's unix socket: one agent a user. A second agent finds the first; a socket whose agent
 * died is taken over, and only if nobody answers on it.
 */
import { lstatSync, mkdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { sleep } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { listenPrivately } from '../kernel/private-socket.ts';

/** A takeover lock older than this is left over from a crash, in ms. */
const STALE_LOCK_MS = 10_000;

/**
 * Listens at `path` (0600 in a private folder). Closing the server leaves the file, which may be another's by then.
 * @throws HotdeskError `agent-busy` if another agent answers there
 */
export async function listenAlone(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  if (await answers(path)) throw running(path);
  const release = await lock(`${path}.lock`);
  try {
    if (await answers(path)) throw running(path);
    // A server that closes removes what it was bound to, whoever has that name by then: so by another name.
    const own = `${path}.new`;
    rmSync(own, { force: true });
    const server = await listenPrivately(createServer({ allowHalfOpen: false }, onConnection), own);
    renameSync(own, path);
    return server;
  } finally {
    release();
  }
}

/** Inode of the socket file, to notice when it is gone or another's: no other file has it while the server is there. */
export function inodeOf(path: string): number | undefined {
  try {
    const stat = lstatSync(path);
    return stat.isSocket() ? stat.ino : undefined;
  } catch {
    return undefined;
  }
}

function running(path: string): HotdeskError {
  return new HotdeskError('agent-busy', `An agent of yours is running already (${path}).`, {
    hint: 'See `hotdesk agent status`.',
  });
}

/** Does anyone accept a connection there? */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function lock(path: string): Promise<() => void> {
  for (let waited = 0; ; waited += 50) {
    try {
      mkdirSync(path);
      return () => rmdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (isStale(path) || waited > STALE_LOCK_MS * 2) {
      try {
        rmdirSync(path);
      } catch {
        // Another starter removed it first.
      }
    }
    await sleep(50);
  }
}

function isStale(path: string): boolean {
  try {
    return Date.now() - statSync(path).mtimeMs > STALE_LOCK_MS;
  } catch {
    return false;
  }
}
