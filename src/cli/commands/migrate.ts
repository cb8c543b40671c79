import { type Command, InvalidArgumentError } from 'commander';
import { HotdeskError } from '../../kernel/errors.ts';
import type { Flags } from '../console.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';
import { announce } from '../shown.ts';
import { word } from '../typed.ts';

interface MigrateFlags extends Flags {
  readonly to: string;
  readonly relaunch?: boolean;
  readonly limit?: number;
  readonly seat?: string;
}

export function declare(program: Command, shell: Shell): void {
  const migrate = common(program.command('migrate'))
    .description('Take a running session to another host: a virtual machine, live')
    .argument('<session>', 'which one')
    .requiredOption('--to <host>', 'the host that it goes to')
    .option('--limit <MB/s>', 'send no faster than that', megabytes)
    .option('--relaunch', 'start the same command there instead, and leave this one running')
    .option('--seat <id>', 'with --relaunch: a seat of this machine to show it at, such as :0')
    .action((ref: string, flags: MigrateFlags) =>
      command(shell, flags, (run) => migrateSession(run, ref, flags)),
    );
  examples(migrate, [
    ['hotdesk migrate winxp@beta --to gamma', 'it runs on; whoever looks at it goes on looking'],
    ['hotdesk migrate winxp --to gamma --limit 20', 'and leaves something of the line to others'],
    ['hotdesk migrate editor --to gamma --relaunch', 'what cannot be taken there is started there anew'],
  ]);
}

function megabytes(text: string): number {
  const number = Number(text);
  if (!/^\d+(?:\.\d+)?$/u.test(text) || number < 0.01 || number > 100_000) {
    throw new InvalidArgumentError('A number of MB/s was expected, from 0.01.');
  }
  return number;
}

async function migrateSession(run: Run, ref: string, flags: MigrateFlags): Promise<void> {
  const { to, relaunch = false, limit } = flags;
  if (relaunch && limit !== undefined) {
    throw new HotdeskError('bad-argument', '--limit is for what is sent, and --relaunch sends nothing.');
  }
  const seat = relaunch ? (flags.seat ?? (await run.seat())) : undefined;
  const result = await run.call(
    'migrate',
    {
      ref,
      to,
      relaunch,
      ...(limit === undefined ? {} : { limit: Math.round(limit * 1_000_000) }),
      ...(seat === undefined ? {} : { seat }),
    },
    `looking for ${ref}`,
  );
  const { session, why } = result;
  if (relaunch) {
    await announce(
      run,
      result,
      `${session.name} runs on ${session.host} too (${session.ref}). The one before goes on: end it with \`hotdesk stop ${word(ref)}\`.`,
    );
    return;
  }
  if (why) run.console.note({ text: why, style: 'yellow' });
  await announce(run, result, `${session.name} runs on ${session.host} now (${session.ref}).`);
}
