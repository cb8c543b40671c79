/** Every command, and where it is. */
import type { Command } from 'commander';
import type { Shell } from './shell.ts';

export interface CommandModule {
  /** Adds the command to the program. */
  declare(program: Command, shell: Shell): void;
}

export interface CommandEntry {
  readonly name: string;
  readonly hidden?: true;
  load(): Promise<CommandModule>;
}

export const COMMANDS: readonly CommandEntry[] = [
  { name: 'list', load: () => import('./commands/list.ts') },
  { name: 'hosts', load: () => import('./commands/hosts.ts') },
  { name: 'apps', load: () => import('./commands/apps.ts') },
  { name: 'start', load: () => import('./commands/start.ts') },
  { name: 'attach', load: () => import('./commands/attach.ts') },
  { name: 'open', load: () => import('./commands/open.ts') },
  { name: 'detach', load: () => import('./commands/detach.ts') },
  { name: 'move', load: () => import('./commands/move.ts') },
  { name: 'migrate', load: () => import('./commands/migrate.ts') },
  { name: 'stop', load: () => import('./commands/stop.ts') },
  { name: 'rename', load: () => import('./commands/rename.ts') },
  { name: 'info', load: () => import('./commands/info.ts') },
  { name: 'thumbnail', load: () => import('./commands/thumbnail.ts') },
  { name: 'setup', load: () => import('./commands/setup.ts') },
  { name: 'trust', load: () => import('./commands/trust.ts') },
  { name: 'agent', load: () => import('./commands/agent.ts') },
  { name: 'tray', load: () => import('./commands/tray.ts') },
  { name: 'profiles', load: () => import('./commands/profiles.ts') },
  { name: 'doctor', load: () => import('./commands/doctor.ts') },
  { name: 'config', load: () => import('./commands/config.ts') },
  { name: 'completion', load: () => import('./commands/completion.ts') },
  { name: '__complete', hidden: true, load: () => import('./commands/complete.ts') },
];
