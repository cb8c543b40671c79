import type { Command } from 'commander';
import { shownHere } from '../../model/opened-here.ts';
import type { ActionResult } from '../../protocol/api.ts';
import type { Flags } from '../console.ts';
import { needsDisplay, openHere } from '../open-here.ts';
import { common, examples, profileOptions } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';
import { announce, show } from '../shown.ts';

interface MoveFlags extends Flags {
  readonly to?: string;
  readonly seat?: string;
  readonly option?: Record<string, string | number | boolean>;
}

export function declare(program: Command, shell: Shell): void {
  const move = common(program.command('move'))
    .description('Bring a session here, or send it to another seat; it leaves where it was')
    .argument('<session>', 'which one')
    .option('--to <host>', 'the host whose seat it goes to (default: here)')
    .option('--seat <id>', 'a seat of this machine, such as :0');
  profileOptions(move).action((ref: string, flags: MoveFlags) =>
    command(shell, flags, (run) => moveSession(run, ref, flags)),
  );
  examples(move, [
    ['hotdesk move xterm', 'bring it here'],
    ['hotdesk move xterm --to gamma', "open it at gamma's seat"],
  ]);
}

async function moveSession(run: Run, ref: string, flags: MoveFlags): Promise<void> {
  const { to, option: options = {} } = flags;
  const ask = (seat: string | undefined): Promise<ActionResult> =>
    run.call(
      'move',
      { ref, options, ...(to === undefined ? {} : { to }), ...(seat === undefined ? {} : { seat }) },
      `looking for ${ref}`,
    );
  if (to !== undefined) {
    const result = await ask(flags.seat);
    const { name, host } = result.session;
    await announce(run, result, `${name}@${host} is shown at ${to}.`);
    return;
  }
  const result = await openHere(run, flags.seat, ask);
  if (!result.wantsTerminal) {
    await announce(run, result, shownHere(result.session));
  } else if (run.console.isInteractive && !run.console.flags.json) {
    await show(run, result, { mode: 'take', options });
  } else {
    throw needsDisplay(result.session);
  }
}
