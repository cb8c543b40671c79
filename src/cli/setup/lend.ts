/** The terminal that this runs in, lent to another program: sudo asks for its password there. */
import { spawn } from 'node:child_process';
import { HotdeskError } from '../../kernel/errors.ts';
import type { Terminal } from '../../wizard/wizard.ts';
import type { Run } from '../shell.ts';
import { relayStream } from '../terminal/relay.ts';

/** @param lend keeps everything else off the terminal meanwhile */
export function lentTerminal(run: Run, lend: <T>(work: () => Promise<T>) => Promise<T>): Terminal {
  const { streams, env } = run.shell;
  return {
    // Ctrl-C is for the program that has the terminal: it ends, and with it the step.
    here: (argv, signal) => lend(() => run.interrupt.paused(() => runHere(argv, env, signal))),
    there: (open, signal) =>
      lend(() =>
        run.interrupt.paused(async () => {
          const pty = await open({ ...sizeOf(run), term: env.TERM || 'xterm-256color' });
          const resized = () => pty.resize(sizeOf(run));
          streams.stdout.on('resize', resized);
          try {
            await relayStream(pty.stream, streams, signal);
            return (await pty.exited).code;
          } finally {
            streams.stdout.off('resize', resized);
          }
        }),
      ),
  };
}

function sizeOf(run: Run): { columns: number; rows: number } {
  const { stdout } = run.shell.streams;
  return { columns: stdout.columns || 80, rows: stdout.rows || 24 };
}

function runHere(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const [command = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env });
    const stop = () => child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    const settle = () => signal.removeEventListener('abort', stop);
    child.once('error', (cause) => {
      settle();
      reject(new HotdeskError('command-missing', `${command} could not be started.`, { cause }));
    });
    child.once('exit', (code) => {
      settle();
      resolve(code ?? undefined);
    });
  });
}
