import type { HotdeskError } from '../kernel/errors.ts';
import { plainList } from './quick.ts';
import { type Run, shellOf } from './shell.ts';

// `hotdesk list | head`: whoever reads has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

async function main(argv: readonly string[]): Promise<void> {
  const shell = {
    ...shellOf(process),
    offerSetup: async (run: Run, error: HotdeskError) =>
      (await import('./offer-setup.ts')).offerSetup(run, error),
  };
  const flags = plainList(argv);
  if (flags) await (await import('./commands/list.ts')).listAll(shell, flags);
  else await (await import('./program.ts')).runProgram(argv, shell);
  process.exitCode = shell.exitCode;
}

void main(process.argv.slice(2));
