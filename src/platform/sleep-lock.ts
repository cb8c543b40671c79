/**
 * A delay lock of logind against sleep. logind hands it out as a file descriptor, which Node cannot
 * receive; systemd-inhibit(1) can, and holds it as long as its command runs, which here ends with our end
 * of a pipe: however this process ends, the lock goes with it.
 */
import { spawn } from 'node:child_process';

/** Takes the lock, where that program is. @returns what gives it back */
export function sleepLock(): () => void {
  const child = spawn(
    'systemd-inhibit',
    ['--what=sleep', '--mode=delay', '--who=hotdesk', '--why=Other machines are told first', 'cat'],
    { cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] },
  );
  // Not there, or logind gives none: then nobody waits for us.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  return () => void child.stdin.end();
}
