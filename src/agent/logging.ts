import { pino } from 'pino';
import type { Logger } from '../kernel/log.ts';

/** Fields that never reach the log, wherever they are in what is logged. */
const SECRET = [
  'password',
  'passphrase',
  'cookie',
  'ticket',
  '*.password',
  '*.passphrase',
  '*.cookie',
  '*.ticket',
];

/** JSON lines to `file`, readable for the user only. Level by HOTDESK_LOG (default info). */
export function createLogger(file: string, level: string): Logger {
  const known = ['debug', 'info', 'warn', 'error'].includes(level) ? level : 'info';
  const destination = pino.destination({ dest: file, sync: true, mkdir: true, mode: 0o600 });
  return pino(
    { level: known, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: SECRET },
    destination,
  );
}
