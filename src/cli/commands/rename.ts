import type { Command } from 'commander';
import { EXIT, HotdeskError } from '../../kernel/errors.ts';
import { lineFrom } from '../ask.ts';
import type { Flags } from '../console.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';
import { announce } from '../shown.ts';

export function declare(program: Command, shell: Shell): void {
  const rename = common(program.command('rename'))
    .description('Give a session another name; who looks at it sees no change')
    .argument('<session>', 'which one')
    .argument('[new-name]', 'any text; without it you are asked')
    .action((ref: string, name: string | undefined, flags: Flags) =>
      command(shell, flags, (run) => renameSession(run, ref, name)),
    );
  examples(rename, [
    ['hotdesk rename xterm build', 'the xterm is called build from now on'],
    ['hotdesk rename xpra:100@alpha "the report"', 'whatever it is called now'],
  ]);
}

async function renameSession(run: Run, ref: string, given: string | undefined): Promise<void> {
  const { name, target } = given === undefined ? await ask(run, ref) : { name: given, target: ref };
  if (name === '') {
    if (given !== undefined) throw unnamed(ref);
    run.console.note('Nothing was renamed.');
    run.shell.exitCode = EXIT.cancelled;
    return;
  }
  const result = await run.call('rename', { ref: target, name }, `looking for ${ref}`);
  const { session } = result;
  await announce(run, result, `It is called ${session.name} on ${session.host} now.`);
}

/** The name that a person types; empty: none. */
async function ask(run: Run, ref: string): Promise<{ name: string; target: string }> {
  if (!run.console.isInteractive || run.console.flags.json) throw unnamed(ref);
  const { session } = await run.call('info', { ref }, `looking for ${ref}`);
  const line = await lineFrom(run, `New name of ${session.name} on ${session.host}:`);
  return { name: line.trim(), target: session.ref };
}

function unnamed(ref: string): HotdeskError {
  return new HotdeskError('bad-argument', 'A new name was expected.', {
    hint: `For example: hotdesk rename ${ref} "the report"`,
  });
}
