import type { Command } from 'commander';
import type { Flags } from '../console.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';
import { announce } from '../shown.ts';
import { typed } from '../typed.ts';

export function declare(program: Command, shell: Shell): void {
  const detach = common(program.command('detach'))
    .description('Close the viewers of a session; it goes on')
    .argument('<session>', 'which one')
    .action((ref: string, flags: Flags) => command(shell, flags, (run) => detachSession(run, ref)));
  examples(detach, [
    ['hotdesk detach xterm', 'close its windows wherever they are; `hotdesk attach xterm` brings it back'],
  ]);
}

async function detachSession(run: Run, ref: string): Promise<void> {
  const result = await run.call('detach', { ref }, `looking for ${ref}`);
  const { name, host } = result.session;
  await announce(
    run,
    result,
    `${name} goes on at ${host} without a viewer. Show it: \`hotdesk attach ${typed(result.session)}\`.`,
  );
}
