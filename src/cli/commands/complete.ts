import type { Command } from 'commander';
import { type Client, connect } from '../../client/client.ts';
import { withTimeout } from '../../kernel/abort.ts';
import { HotdeskError } from '../../kernel/errors.ts';
import { localeOf } from '../../protocol/locale.ts';
import { candidatesFor, type Names, type Sources } from '../completion/candidates.ts';
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
      const found = await candidatesFor(whole, words, sourcesOf(shell));
      const lines = found.map(({ value, description }) => `${gate(value)}\t${gate(description)}\n`);
      shell.streams.stdout.write(lines.join(''));
    });
}

/** What the agent knows already; nothing where none runs. */
function sourcesOf(shell: Shell): Sources {
  const nothing: Names = { hosts: [], sessions: [], profiles: [], settings: [] };
  return {
    names: () =>
      asked(shell, nothing, async (client) => {
        const [{ hosts, sessions }, { profiles }, { settings }] = await Promise.all([
          client.call('catalogue', { look: 'none', waitMs: 0 }),
          client.call('profiles.list', { probe: false }),
          client.call('config.list', {}),
        ]);
        return { hosts, sessions, profiles, settings };
      }),
    apps: (host) =>
      asked(shell, [], async (client) => {
        const locale = localeOf(shell.env);
        const { applications = [] } = await client.call('apps.list', { host, ...(locale ? { locale } : {}) });
        return applications.filter(({ hidden }) => hidden === undefined);
      }),
  };
}

/** Nobody is asked a question, and no agent is started. */
async function asked<T>(shell: Shell, otherwise: T, ask: (client: Client) => Promise<T>): Promise<T> {
  const late = new HotdeskError('timeout', 'The agent took too long.');
  try {
    return await withTimeout(PATIENCE_MS, late, undefined, async () => {
      const { paths, uid } = shell;
      const client = await connect({ paths, uid, start: 'never', checks: 'envelope' });
      try {
        return await ask(client);
      } finally {
        client.close();
      }
    });
  } catch {
    return otherwise;
  }
}
