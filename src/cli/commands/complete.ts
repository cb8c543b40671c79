import type { Command } from 'commander';
import { connect } from '../../client/client.ts';
import { withTimeout } from '../../kernel/abort.ts';
import { HotdeskError } from '../../kernel/errors.ts';
import { candidatesFor, type Names } from '../completion/candidates.ts';
import type { Shell } from '../shell.ts';
import { gate } from '../style.ts';

/** A key was pressed: better nothing than late, in ms. */
const PATIENCE_MS = 1500;

/** Asked by the completion scripts: the words after the program's name, the last one unfinished. */
export function declare(program: Command, shell: Shell): void {
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action(async (words: string[]) => {
      const { buildProgram } = await import('../program.ts');
      const { COMMANDS } = await import('../commands.ts');
      const whole = await buildProgram(
        shell,
        COMMANDS.filter((entry) => !entry.hidden),
      );
      const found = await candidatesFor(whole, words, () => namesFrom(shell));
      const lines = found.map(({ value, description }) => `${gate(value)}\t${gate(description)}\n`);
      shell.streams.stdout.write(lines.join(''));
    });
}

/** What the agent knows already; nothing where none runs. */
async function namesFrom(shell: Shell): Promise<Names> {
  const nothing: Names = { hosts: [], sessions: [], profiles: [], settings: [] };
  const late = new HotdeskError('timeout', 'The agent took too long.');
  try {
    return await withTimeout(PATIENCE_MS, late, undefined, async () => {
      const client = await connect({
        paths: shell.paths,
        uid: shell.uid,
        start: 'never',
        checks: 'envelope',
      });
      try {
        const [{ hosts, sessions }, { profiles }, { settings }] = await Promise.all([
          client.call('catalogue', { look: 'none', waitMs: 0 }),
          client.call('profiles.list', {}),
          client.call('config.list', {}),
        ]);
        return { hosts, sessions, profiles, settings };
      } finally {
        client.close();
      }
    });
  } catch {
    return nothing;
  }
}
