/** A host that was never met: its wizard is a y away. */
import type { HotdeskError } from '../kernel/errors.ts';
import { isAgreed } from './ask.ts';
import type { Offer, Run } from './shell.ts';

/** Offers to set up the host that a command failed for, where a person is there to be asked. */
export async function offerSetup(run: Run, error: HotdeskError): Promise<Offer> {
  const { shell, about } = run;
  const { flags, isInteractive } = run.console;
  if (error.code !== 'host-key-unknown' || about === undefined) return 'none';
  if (!isInteractive || flags.json || flags.quiet) return 'none';
  run.console.error(error);
  if (!(await isAgreed(run, `${about} is not known yet: set it up now?`))) return 'declined';
  // The wizard has interrupts and an agent's connection of its own.
  run.end();
  const { setUp } = await import('./setup/main.ts');
  shell.exitCode = 0;
  await setUp(shell, about, {});
  return shell.exitCode === 0 ? 'ready' : 'failed';
}
