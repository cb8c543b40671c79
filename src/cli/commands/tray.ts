import { type Command, Option } from 'commander';
import { localeOf } from '../../protocol/locale.ts';
import type { Flags } from '../console.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';

interface TrayFlags extends Flags {
  readonly autostart?: 'on' | 'off';
}

export function declare(program: Command, shell: Shell): void {
  const tray = common(program.command('tray'))
    .description('Show an icon in the panel, with all sessions and hosts in its menu')
    .addOption(
      new Option('--autostart <state>', 'show it after every login, or no more').choices(['on', 'off']),
    )
    .action((flags: TrayFlags) =>
      command(shell, flags, (run) =>
        flags.autostart === undefined ? showTray(run) : setAutostart(run, flags.autostart),
      ),
    );
  examples(tray, [
    ['hotdesk tray', 'until you quit it in its menu, or by Ctrl-C'],
    ['hotdesk tray --autostart on', 'from the next login on; it is in the applications menu too'],
  ]);
}

const hotdeskOf = (shell: Shell) => shell.agentProgram.slice(0, 2);

async function showTray(run: Run): Promise<void> {
  const { runTray, runsAlready } = await import('../../tray/main.ts');
  const { shell, console } = run;
  const pid = await runTray({
    env: shell.env,
    connect: { paths: shell.paths, uid: shell.uid, program: shell.agentProgram },
    hotdesk: hotdeskOf(shell),
    locale: localeOf(shell.env),
    say: (text) => console.note(text),
    signal: run.interrupt.signal,
  });
  if (pid !== undefined) console.note(runsAlready(pid));
}

async function setAutostart(run: Run, state: 'on' | 'off'): Promise<void> {
  const { autostart } = await import('../../tray/main.ts');
  const { shell, console } = run;
  const files = autostart(state, hotdeskOf(shell), shell.env);
  if (console.flags.json) console.json({ autostart: state, files: [...files] });
  else if (state === 'on') {
    console.lines([
      ...files.map((file) => [file]),
      ['The icon is there after the next login; now: `hotdesk tray`.'],
    ]);
  } else if (files.length > 0) console.lines(files.map((file) => [`removed ${file}`]));
  else console.note('It was not switched on.');
}
