import { type Command, Option } from 'commander';
import { shownHere } from '../../model/opened-here.ts';
import type { ActionResult, ViewMode } from '../../protocol/api.ts';
import type { Flags } from '../console.ts';
import { needsDisplay, openHere } from '../open-here.ts';
import { common, examples, profileOptions } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';
import { announce, show } from '../shown.ts';

interface AttachFlags extends Flags {
  readonly share?: boolean;
  readonly readOnly?: boolean;
  readonly seat?: string;
  readonly viewerId?: string;
  readonly option?: Record<string, string | number | boolean>;
}

export function declare(program: Command, shell: Shell): void {
  const attach = common(program.command('attach'))
    .description('Show a session here')
    .argument('<session>', 'which one')
    .option('--share', 'beside the other viewers, where the backend can')
    .option('--read-only', 'look, do not touch')
    .option('--seat <id>', 'a seat of this machine, such as :0')
    .addOption(
      new Option('--viewer-id <id>', 'the viewer that the agent opened this terminal for').hideHelp(),
    );
  profileOptions(attach).action((ref: string, flags: AttachFlags) =>
    command(shell, flags, (run) => attachSession(run, ref, flags)),
  );
  examples(attach, [
    [
      'hotdesk attach xterm@alpha',
      'show it here; if its backend knows one viewer only, it is gone elsewhere',
    ],
    ['hotdesk attach build --read-only', 'look at a terminal session'],
    ['hotdesk attach firefox --share', 'beside the viewer that it has'],
  ]);
}

function modeOf(flags: AttachFlags): ViewMode {
  if (flags.readOnly) return 'readonly';
  return flags.share ? 'share' : 'take';
}

async function attachSession(run: Run, ref: string, flags: AttachFlags): Promise<void> {
  const view = { mode: modeOf(flags), options: flags.option ?? {}, viewerId: flags.viewerId };
  // The emulator that the agent started for a terminal session: it knows what this is.
  if (flags.viewerId !== undefined) {
    const { attachTerminal } = await import('../terminal/attach.ts');
    await attachTerminal(run, { ref, name: ref, host: '' }, view);
    return;
  }
  const ask = (seat: string | undefined): Promise<ActionResult> =>
    run.call(
      'attach',
      { ref, mode: view.mode, options: flags.option ?? {}, ...(seat === undefined ? {} : { seat }) },
      `looking for ${ref}`,
    );
  const result = await openHere(run, flags.seat, ask);
  if (!result.wantsTerminal) {
    await announce(run, result, shownHere(result.session));
  } else if (run.console.isInteractive && !run.console.flags.json) {
    await show(run, result, view);
  } else {
    throw needsDisplay(result.session);
  }
}
