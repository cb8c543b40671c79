/**
 * Where hotdesk keeps its files. Config, state and cache follow the XDG base directory
 * specification; the runtime folder follows a rule that a stranger's shell can compute too, because
 * other machines' agents look for the socket there: `/run/user/UID/hotdesk` where that folder
 * exists, else `/tmp/hotdesk-UID` (as tmux does).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Paths {
  readonly runtimeDir: string;
  readonly socket: string;
  /** What a peer must know to reach the agent where sockets cannot be forwarded. */
  readonly descriptor: string;
  /** Private folder for what viewers need: sockets, files. */
  readonly viewerDir: string;
  /** Where commands leave their head starts. */
  readonly headStarts: string;
  readonly configDir: string;
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly log: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** @param env of the process; HOTDESK_RUNTIME_DIR overrides the runtime folder (tests) */
export function pathsOf(env: Env, uid: number, exists: (path: string) => boolean = existsSync): Paths {
  const home = env.HOME ?? '/';
  const runtimeDir = env.HOTDESK_RUNTIME_DIR ?? runtimeDirOf(uid, exists);
  const absolute = (name: string, fallback: string) => {
    const value = env[name];
    return value?.startsWith('/') ? value : join(home, fallback);
  };
  const stateDir = join(absolute('XDG_STATE_HOME', '.local/state'), 'hotdesk');
  return {
    runtimeDir,
    socket: join(runtimeDir, 'agent.sock'),
    descriptor: join(runtimeDir, 'agent.json'),
    viewerDir: join(runtimeDir, 'v'),
    headStarts: join(runtimeDir, 'early'),
    configDir: join(absolute('XDG_CONFIG_HOME', '.config'), 'hotdesk'),
    stateDir,
    cacheDir: join(absolute('XDG_CACHE_HOME', '.cache'), 'hotdesk'),
    log: join(stateDir, 'agent.log'),
  };
}

function runtimeDirOf(uid: number, exists: (path: string) => boolean): string {
  const user = `/run/user/${uid}`;
  return exists(user) ? join(user, 'hotdesk') : `/tmp/hotdesk-${uid}`;
}
