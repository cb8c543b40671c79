/** What can be checked without an agent. */
import { accessSync, constants, existsSync, lstatSync } from 'node:fs';
import { findDaemon, findProgram } from '../kernel/programs.ts';
import { circumstancesOf, installCure, type Packages } from '../model/cures.ts';
import { seatOf } from '../model/seat-of.ts';
import type { Check } from '../protocol/api.ts';
import type { Shell } from './shell.ts';

/** Programs of the default set, what each is for, and the package of each. */
const PROGRAMS: readonly (readonly [name: string, purpose: string, packages: Packages])[] = [
  [
    'ssh',
    'reaches other hosts by your own ssh settings',
    { apt: 'openssh-client', dnf: 'openssh-clients', pacman: 'openssh', zypper: 'openssh' },
  ],
  ['xpra', 'runs and shows applications', { apt: 'xpra' }],
  ['tmux', 'runs terminal sessions', { apt: 'tmux' }],
];

export function localChecks(shell: Pick<Shell, 'env' | 'uid' | 'paths'>): Check[] {
  const { env } = shell;
  const has = (program: string) => findDaemon(program, env.PATH) !== undefined;
  const at = circumstancesOf(shell.uid, has, existsSync);
  return [
    folderCheck('runtime folder', shell.paths.runtimeDir, shell.uid),
    folderCheck('log folder', shell.paths.stateDir, shell.uid),
    ...PROGRAMS.map(([name, purpose, packages]): Check => {
      const path = findProgram(name, env.PATH);
      return path === undefined
        ? {
            name,
            state: 'warning',
            detail: `not installed: it ${purpose}`,
            hint: installCure(packages, at),
          }
        : { name, state: 'ok', detail: path };
    }),
    displayCheck(env),
  ];
}

function folderCheck(name: string, folder: string, uid: number): Check {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (!stat) return { name, state: 'ok', detail: `${folder} will be made when needed` };
  const isOurs = stat.isDirectory() && stat.uid === uid && (stat.mode & 0o022) === 0;
  if (isOurs && isWritable(folder)) return { name, state: 'ok', detail: folder };
  return {
    name,
    state: 'failed',
    detail: `${folder} is not a folder that you, and only you, can write to`,
    hint: `Look at it (ls -ld ${folder}); remove it, or ask its owner to.`,
  };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function displayCheck(env: Shell['env']): Check {
  const seat = seatOf(env);
  if (seat) return { name: 'display', state: 'ok', detail: `${seat.id} (${seat.kind})` };
  return {
    name: 'display',
    state: 'warning',
    detail: 'neither DISPLAY nor WAYLAND_DISPLAY is set: no window can open here',
    hint: 'Run hotdesk in a terminal on your desktop; terminal sessions work anywhere.',
  };
}
