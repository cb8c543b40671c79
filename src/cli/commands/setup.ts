import { type Command, Option } from 'commander';
import { HotdeskError } from '../../kernel/errors.ts';
import { common, examples } from '../options.ts';
import type { SetupFlags } from '../setup/flags.ts';
import type { Shell } from '../shell.ts';

/** The wizard's steps, for help and completion; a test holds them against the wizard. */
export const STEPS = ['machine', 'host', 'trust', 'login', 'key', 'backends', 'agent', 'proof'] as const;

export function declare(program: Command, shell: Shell): void {
  const setup = common(program.command('setup'))
    .description('From an SSH password to one click: trust a host, put your key there, try it out')
    .argument('[host]', 'name, address or ssh_config alias; without it you are shown what was found')
    .option('--host-key <fp>', 'the host key that is right (SHA256:…); another one is refused')
    .option('--password-stdin', 'read the password from the first line of standard input')
    .option('-y, --yes', 'agree to every step that only adds something of yours, and ask nothing')
    .addOption(
      new Option('--skip <step>', 'leave a step out; may be repeated')
        .choices(STEPS)
        .argParser((text: string, before: readonly string[] | undefined) => [
          ...(before ?? []),
          stepOf(text),
        ]),
    )
    .option('--plain', 'plain lines, for screen readers (also by TERM=dumb or ACCESSIBLE=1)')
    .option('--undo', 'take back exactly what setup added for this host, here and there')
    .action(async (host: string | undefined, flags: SetupFlags) => {
      // A bundle of its own: no other command loads the wizard.
      const { setUp } = await import('../setup/main.ts');
      await setUp(shell, host, flags);
    });
  examples(setup, [
    ['hotdesk setup', 'shows the machines around, and goes on with the one you pick'],
    ['hotdesk setup alpha', 'goes through the steps; run again, it goes on where it was left'],
    ['hotdesk setup alpha --skip proof', 'without that step'],
    ['hotdesk setup --undo alpha', 'as it was before'],
  ]);
  setup.addHelpText(
    'after',
    `
Steps: ${STEPS.join(', ')}.
Nothing is changed without a yes, and each change can be taken back. Ctrl-C at any time; another run goes on
from there.

In a script, which is asked nothing; it ends at the first step that cannot be done:
  hotdesk setup alpha --host-key SHA256:Zu3… --password-stdin --yes --json <password-file`,
  );
}

function stepOf(text: string): string {
  if ((STEPS as readonly string[]).includes(text)) return text;
  throw new HotdeskError('bad-argument', `There is no step “${text}”.`, {
    candidates: STEPS,
    hint: 'See `hotdesk setup --help`.',
  });
}
