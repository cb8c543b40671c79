import type { Command } from 'commander';
import { EXIT, HotdeskError } from '../../kernel/errors.ts';
import { isAgreed } from '../ask.ts';
import type { Flags } from '../console.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';
import { announce } from '../shown.ts';
import { word } from '../typed.ts';

interface StopFlags extends Flags {
  readonly yes?: boolean;
}

export function declare(program: Command, shell: Shell): void {
  const stop = common(program.command('stop'))
    .description('End a session and what runs in it')
    .argument('<session>', 'which one')
    .option('-y, --yes', 'do not ask')
    .action((ref: string, flags: StopFlags) => command(shell, flags, (run) => stopSession(run, ref, flags)));
  examples(stop, [
    ['hotdesk stop xterm', 'asks first'],
    ['hotdesk stop xterm@alpha --yes', 'for scripts'],
  ]);
}

async function stopSession(run: Run, ref: string, flags: StopFlags): Promise<void> {
  let target = ref;
  if (!flags.yes) {
    if (!run.console.isInteractive || flags.json) {
      throw new HotdeskError('confirmation-needed', `Stopping ${ref} ends what runs in it.`, {
        hint: `Say that you mean it: hotdesk stop ${word(ref)} --yes`,
      });
    }
    const { session } = await run.call('info', { ref }, `looking for ${ref}`);
    target = session.ref;
    if (!(await isAgreed(run, `Stop ${session.name} on ${session.host} and what runs in it?`))) {
      run.console.note('Nothing was stopped.');
      run.shell.exitCode = EXIT.cancelled;
      return;
    }
  }
  const result = await run.call('stop', { ref: target }, `looking for ${ref}`);
  await announce(run, result, `${result.session.name} on ${result.session.host} has ended.`);
}
