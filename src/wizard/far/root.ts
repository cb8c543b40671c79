/** Commands as root there: by sudo with its own prompt on the view's terminal, or where it asks nothing. */
import { HotdeskError } from '../../kernel/errors.ts';
import { sanitise } from '../../kernel/text.ts';
import type { Machine } from '../../model/machine.ts';
import type { Visit } from '../deps.ts';
import type { Report } from '../wizard.ts';
import type { Far } from './far.ts';

/** Packages come from afar. */
const TIMEOUT_MS = 20 * 60_000;

/**
 * Runs argv as root on the host.
 * @throws HotdeskError `command-failed`, `command-missing` (no sudo), `confirmation-needed` (sudo wants a password and nobody is there)
 */
export async function asRootThere(
  visit: Visit,
  { connection, facts }: Far,
  argv: readonly string[],
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const { terminal } = visit.deps;
  if (facts?.uid === 0) return must(connection, argv, report, signal);
  if (!facts?.hasSudo) {
    throw new HotdeskError('command-missing', `${connection.name} has no sudo.`, {
      hint: `As root on that machine: ${argv.join(' ')}`,
    });
  }
  // Asks nothing where nothing has to be asked.
  const free = await connection.exec(['sudo', '-n', '--', 'true'], { signal, timeoutMs: 15_000 });
  if (free.code === 0) return must(connection, ['sudo', '-n', '--', ...argv], report, signal);
  if (!terminal) throw wantsPassword(connection.name, argv);
  const code = await terminal.there(
    (size) => connection.pty(['sudo', '--', ...argv], { ...size, signal }),
    signal,
  );
  if (code !== 0)
    throw new HotdeskError('command-failed', `sudo on ${connection.name} ended with ${code ?? 'a signal'}.`);
}

/** Runs argv as root on this machine; see asRootThere. */
export async function asRootHere(
  visit: Visit,
  here: Machine,
  argv: readonly string[],
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  if (process.getuid?.() === 0) return must(here, argv, report, signal);
  const free = await here.exec(['sudo', '-n', '--', 'true'], { signal, timeoutMs: 15_000 });
  if (free.code === 127) {
    throw new HotdeskError('command-missing', 'There is no sudo here.', {
      hint: `As root: ${argv.join(' ')}`,
    });
  }
  if (free.code === 0) return must(here, ['sudo', '-n', '--', ...argv], report, signal);
  const { terminal } = visit.deps;
  if (!terminal) throw wantsPassword('this machine', argv);
  const code = await terminal.here(['sudo', '--', ...argv], signal);
  if (code !== 0) throw new HotdeskError('command-failed', `sudo ended with ${code ?? 'a signal'}.`);
}

function wantsPassword(name: string, argv: readonly string[]): HotdeskError {
  return new HotdeskError(
    'confirmation-needed',
    `sudo on ${name} wants a password, and there is no terminal to ask on.`,
    {
      hint: `Run setup on a terminal, or there: sudo ${argv.join(' ')}`,
    },
  );
}

/** Without a terminal. @throws HotdeskError `command-failed` with its last words */
export async function must(
  machine: Machine,
  argv: readonly string[],
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  report(
    `running ${argv
      .filter((word) => /^[a-z][\w.-]*$/u.test(word))
      .slice(0, 4)
      .join(' ')}`,
  );
  const result = await machine.exec(argv, { signal, timeoutMs: TIMEOUT_MS });
  if (result.code === 0) return;
  const words = sanitise(
    result.stderr.subarray(-2000).toString('utf8').trim().split('\n').slice(-3).join(' '),
    400,
  );
  throw new HotdeskError(
    'command-failed',
    `${argv[0]} on ${machine.name} ended with ${result.code ?? 'a signal'}${words ? `: ${words}` : ''}.`,
  );
}
