import { isatty } from 'node:tty';
import type { HotdeskError } from '../kernel/errors.ts';
import type { Streams } from './console.ts';
import { plainList } from './quick.ts';
import { type Run, shellOf } from './shell.ts';

/** Opened when they are used: a command that waits for the agent has no use for them yet. */
const streams: Streams = {
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    const { stdout } = process;
    // `hotdesk list | head`: whoever reads has seen enough.
    if (stdout.listenerCount('error', onOutputError) === 0) stdout.on('error', onOutputError);
    return stdout;
  },
  get stderr() {
    return process.stderr;
  },
  isTerminal: () => isatty(0) && isatty(1),
};

function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

async function main(argv: readonly string[]): Promise<void> {
  const shell = {
    ...shellOf(process),
    streams,
    offerSetup: async (run: Run, error: HotdeskError) =>
      (await import('./offer-setup.ts')).offerSetup(run, error),
  };
  const flags = plainList(argv);
  if (flags) await (await import('./commands/list.ts')).listAll(shell, flags);
  else await (await import('./program.ts')).runProgram(argv, shell);
  process.exitCode = shell.exitCode;
}

void main(process.argv.slice(2));
