/** Entry of `hotdesk agent run`. */
import { toHotdeskError } from '../kernel/errors.ts';
import { pathsOf } from '../protocol/paths.ts';
import { Daemon } from './daemon.ts';

async function main(): Promise<void> {
  const uid = process.getuid?.() ?? 0;
  const daemon = new Daemon({ paths: pathsOf(process.env, uid), uid, env: process.env });
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(130);
    stopping = true;
    void daemon.stop();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // The terminal that started it may go away.
  process.on('SIGHUP', () => {});
  await daemon.start();
  await daemon.stopped;
  process.exit(0);
}

main().catch((error: unknown) => {
  const { message, hint, exitCode } = toHotdeskError(error);
  process.stderr.write(`hotdesk: ${message}\n${hint ? `${hint}\n` : ''}`);
  process.exit(exitCode);
});
