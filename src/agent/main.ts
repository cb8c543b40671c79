/** Entry of `hotdesk agent run`. */
import { toHotdeskError } from '../kernel/errors.ts';
import { pathsOf } from '../protocol/paths.ts';
import { Daemon } from './daemon.ts';
import { type DaemonOptions, Parts } from './parts.ts';

/** conf's writer of files (when-exit) handles signals too, and raises each a second time when it has. */
const SAME_SIGNAL_MS = 1000;

async function main(): Promise<void> {
  const uid = process.getuid?.() ?? 0;
  const options: DaemonOptions = { paths: pathsOf(process.env, uid), uid, env: process.env };
  const daemon = new Daemon(options, (...given) => new Parts(options, ...given));
  let stopping: number | undefined;
  const stop = () => {
    if (stopping === undefined) {
      stopping = Date.now();
      void daemon.stop();
    } else if (Date.now() - stopping > SAME_SIGNAL_MS) process.exit(130);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // The terminal that started it may go away.
  process.on('SIGHUP', () => {});
  try {
    await daemon.start();
  } catch (error) {
    // Told to end while it was starting: what it was waiting for was given up.
    if (stopping === undefined) throw error;
  }
  await daemon.stopped;
  process.exit(0);
}

main().catch((error: unknown) => {
  const { message, hint, exitCode } = toHotdeskError(error);
  process.stderr.write(`hotdesk: ${message}\n${hint ? `${hint}\n` : ''}`);
  process.exit(exitCode);
});
