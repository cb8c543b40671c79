import { lstatSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { HotdeskError } from '../kernel/errors.ts';
import type { Paths } from '../protocol/paths.ts';

/**
 * A connection to whoever listens at the agent's socket; undefined if nobody does (no socket, or one
 * that a dead agent left).
 * @throws HotdeskError `unsafe-file` where the folder is not this user's alone (in /tmp anybody may
 * have made it first), `agent-unavailable` for any other refusal
 */
export async function openSocket(paths: Paths, uid: number): Promise<Socket | undefined> {
  if (!isPrivate(paths.runtimeDir, uid)) return undefined;
  try {
    return await connected(paths.socket);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    throw new HotdeskError(
      'agent-unavailable',
      `The agent's socket cannot be used (${code ?? String(cause)}).`,
      {
        hint: `Look at ${paths.socket}; \`hotdesk doctor\` checks the rest.`,
        cause,
      },
    );
  }
}

/** Whether the folder is there and may be trusted; false where it is not there. */
function isPrivate(folder: string, uid: number): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (!stat) return false;
  if (stat.isDirectory() && stat.uid === uid && (stat.mode & 0o022) === 0) return true;
  throw new HotdeskError('unsafe-file', `${folder} is not a folder that only you can write to.`, {
    hint: `Look at who made it (ls -ld ${folder}); remove it, or ask its owner to.`,
  });
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
