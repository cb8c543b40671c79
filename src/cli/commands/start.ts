import { type Command, Option } from 'commander';
import { HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import { startedHere } from '../../model/opened-here.ts';
import { isTerminalWish, seatFor } from '../../model/place.ts';
import type { ActionResult } from '../../protocol/api.ts';
import { localeOf } from '../../protocol/locale.ts';
import type { Flags } from '../console.ts';
import { common, examples, profileOptions } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';
import { announce, show } from '../shown.ts';
import { typed } from '../typed.ts';

interface StartFlags extends Flags {
  readonly app?: string;
  readonly explain?: boolean;
  readonly backend?: string;
  readonly name?: string;
  readonly kind?: 'app' | 'desktop' | 'terminal';
  readonly cwd?: string;
  readonly attach: boolean;
  readonly seat?: string;
  readonly option?: Record<string, string | number | boolean>;
}

export function declare(program: Command, shell: Shell): void {
  const start = common(program.command('start'))
    .description('Start an application, desktop or terminal on a host and show it here')
    .argument('<host>', 'where it runs')
    .argument('[command...]', 'what runs, after `--`; nothing: a shell')
    .option('--app <id>', 'an application of the host instead of a command (see `hotdesk apps HOST`)')
    .option(
      '-b, --backend <name>',
      'what keeps it alive: xpra, tmux, … (default: what fits and is installed)',
    )
    .option('-n, --name <name>', 'what to call it (default: after its command)')
    .addOption(new Option('-k, --kind <kind>', 'kind of session').choices(['app', 'desktop', 'terminal']))
    .option('--cwd <folder>', 'working folder on the host (default: the home folder)')
    .option('--no-attach', 'start it, show it nowhere')
    .option('--seat <id>', 'a seat of this machine to show it at, such as :0')
    .option('--explain', 'say why that backend was taken');
  profileOptions(start).action((host: string, argv: string[], flags: StartFlags) =>
    command(shell, flags, (run) => startSession(run, host, argv, flags)),
  );
  examples(start, [
    ['hotdesk start alpha -- xterm', 'xterm on alpha, its window here'],
    ['hotdesk start alpha --backend tmux --name build -- make -j2', 'a build in a terminal that goes on'],
    ['hotdesk start alpha --app org.gnome.Calculator', 'an application from its menu'],
    ['hotdesk start alpha --no-attach -- firefox', 'show it later: hotdesk attach firefox'],
  ]);
}

async function startSession(
  run: Run,
  host: string,
  argv: readonly string[],
  flags: StartFlags,
): Promise<void> {
  if (flags.app !== undefined && argv.length > 0) {
    throw new HotdeskError('bad-argument', 'Give an application or a command, not both.', {
      hint: `Arguments of its own: \`hotdesk start ${host} -- PROGRAM ARGUMENTS\`.`,
    });
  }
  const seat = flags.attach ? await whereTo(run, argv, flags) : undefined;
  const result = await run.call(
    'start',
    {
      host,
      command: [...argv],
      options: flags.option ?? {},
      attach: flags.attach && (seat !== undefined || run.console.isInteractive),
      ...(flags.app === undefined ? {} : { app: flags.app, locale: localeOf(run.shell.env) }),
      ...(flags.backend === undefined ? {} : { backend: flags.backend }),
      ...(flags.name === undefined ? {} : { name: flags.name }),
      ...(flags.kind === undefined ? {} : { kind: flags.kind }),
      ...(flags.cwd === undefined ? {} : { cwd: flags.cwd }),
      ...(seat === undefined ? {} : { seat }),
    },
    `connecting to ${host}`,
  );
  if (result.why) {
    if (flags.explain) run.console.note(result.why);
    else run.console.verbose(result.why);
  }
  if (result.wantsTerminal && run.console.isInteractive && !run.console.flags.json) {
    run.console.note(`${result.session.name} runs on ${result.session.host}.`);
    await show(run, result, { mode: 'take', options: flags.option ?? {} });
    return;
  }
  await announce(run, result, started(result, flags.attach));
}

/** @param isWanted whether it was to be shown */
function started({ session, viewer }: ActionResult, isWanted: boolean): string {
  if (viewer) return startedHere(session);
  const { name, host, ref, kind } = session;
  const place = kind === 'terminal' ? 'terminal to show it in' : 'display to show it on';
  const why = isWanted ? ` There is no ${place} here.` : '';
  return `${name} runs on ${host} (${ref}).${why} Show it: \`hotdesk attach ${typed(session)}\`.`;
}

/** The seat to ask for. A display that does not answer is said, and does not stop the start. */
async function whereTo(run: Run, argv: readonly string[], flags: StartFlags): Promise<string | undefined> {
  if (flags.seat !== undefined) return flags.seat;
  let seat: string | undefined;
  try {
    seat = await run.seat();
  } catch (error) {
    run.console.note({ text: toHotdeskError(error).message, style: 'yellow' });
  }
  if (seat === undefined || !run.console.isInteractive) return seat;
  const backendKinds = flags.backend === undefined ? undefined : await kindsOf(run, flags.backend);
  // What an application turns out to be is known when it runs: its window may be a terminal's.
  const command = flags.app === undefined ? argv : [flags.app];
  const isTerminal = isTerminalWish({ kind: flags.kind, command, backendKinds });
  return seatFor({ isTerminal: true, seat }, isTerminal);
}

async function kindsOf(run: Run, backend: string): Promise<readonly string[] | undefined> {
  const { profiles } = await run.call('profiles.list', { probe: false }, 'reading the profiles');
  return profiles.find((profile) => profile.name === backend)?.kinds;
}
