/** `hotdesk setup`: the terminal's front of the wizard. A bundle of its own, which no other command loads. */
import { dirname } from 'node:path';
import { HotdeskError } from '../../kernel/errors.ts';
import type { SetupDeps } from '../../wizard/deps.ts';
import { secretsHere } from '../../wizard/keys/secrets.ts';
import { createSetup } from '../../wizard/setup.ts';
import { command, type Run, type Shell } from '../shell.ts';
import { conduct } from './conduct.ts';
import type { SetupFlags } from './flags.ts';
import type { ViewDeps } from './front.ts';
import { undo } from './undo.ts';

/** Runs the wizard, or takes back what it did. Sets `shell.exitCode`. */
export async function setUp(shell: Shell, host: string | undefined, flags: SetupFlags): Promise<void> {
  await command(shell, flags, async (run) => {
    const secrets = await secretsHere(shell);
    const deps = (view: ViewDeps): SetupDeps => ({ ...depsOf(run), ...view, host, secrets });
    if (!flags.undo) return await conduct(run, host, flags, (view) => createSetup(deps(view)));
    if (host !== undefined) return await undo(run, host, flags, deps);
    throw new HotdeskError('bad-argument', 'For which host is setup to be undone?', {
      hint: 'For example: `hotdesk setup --undo alpha`.',
    });
  });
}

/** What the steps need of this process. */
function depsOf({ shell }: Run): Pick<SetupDeps, 'env' | 'paths' | 'ssh' | 'installation'> {
  const { env, paths } = shell;
  // A bundle lies in dist/, whose parent is the installation.
  return { env, paths, ssh: { env }, installation: dirname(__dirname) };
}
