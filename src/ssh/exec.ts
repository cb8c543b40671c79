/** Runs one command on an open session channel: its output, its end, its limits. */
import { cancelled } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { ExecOptions, ExecResult } from '../model/machine.ts';
import { type Frame, MarkFilter, splitPid } from './frame.ts';
import type { Ending, Running } from './openings.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;
/** After the command's end, wait this long for more output: a daemon that it left behind may hold the pipe open. */
const DRAIN_MS = 1000;
/**
 * A command is ended by kill(1) on another channel: TERM, after this KILL, and after this again its
 * channel is given up. (SSH's own signal request, RFC 4254 §6.9, is no way: ssh2 sends none once
 * standard input is closed, and OpenSSH takes none from root.)
 */
const KILL_MS = 1500;

/** Signals the process group `pid` on the host by another channel. */
export type KillByPid = (pid: number, signal: 'TERM' | 'KILL') => void;

/**
 * Collects what a command does. Its channel is closed when this settles.
 * @param name of the host, for messages
 * @throws HotdeskError `timeout`, `limit-exceeded`, `cancelled` (the command is then ended), `connection-lost`,
 * `command-failed` when the login shell never came to run it, `auth-failed` when the password must be changed first
 */
export function collect(
  { channel, ending }: Running,
  frame: Frame,
  name: string,
  options: ExecOptions,
  killByPid: KillByPid,
): Promise<ExecResult> {
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES } = options;
  return new Promise((resolve, reject) => {
    const stdout = new Collector(frame.mark);
    const stderr = new Collector(frame.mark, true);
    let end: Ending | undefined;
    let error: HotdeskError | undefined;
    let drain: NodeJS.Timeout | undefined;
    let killing: NodeJS.Timeout | undefined;

    let settled = false;
    const finish = () => {
      if (settled) return;
      settled = true;
      clearTimeout(limit);
      clearTimeout(drain);
      clearTimeout(killing);
      signal?.removeEventListener('abort', onAbort);
      channel.removeAllListeners('data');
      channel.stderr.removeAllListeners('data');
      channel.destroy();
      if (error) return reject(error);
      if (!end) return reject(new HotdeskError('connection-lost', `The connection to ${name} broke.`));
      if (!stdout.found) return reject(neverRan(name, stdout.noise, stderr.noise, end.code));
      resolve({ ...end, stdout: stdout.bytes(), stderr: stderr.bytes() });
    };
    const stop = (why: HotdeskError) => {
      if (error) return;
      error = why;
      kill('TERM');
      killing = setTimeout(() => {
        kill('KILL');
        killing = setTimeout(finish, KILL_MS);
      }, KILL_MS);
    };
    /** When its pid is not known yet, the shell is not up: `take` comes back here. */
    const kill = (how: 'TERM' | 'KILL') => {
      if (stderr.pid !== undefined && !end) killByPid(stderr.pid, how);
    };
    const onAbort = () => stop(cancelled(signal));
    const limit = setTimeout(() => {
      const seconds = Math.round(timeoutMs / 1000);
      stop(new HotdeskError('timeout', `A command on ${name} took longer than ${seconds} s.`));
    }, timeoutMs);
    const take = (collector: Collector, what: string) => (chunk: Buffer) => {
      drain?.refresh();
      // Its pid is still wanted when it is to be ended.
      if (error && collector.pidKnown) return;
      collector.push(chunk);
      if (error && collector.pidKnown) return kill('TERM');
      if (collector.size > maxBytes) {
        stop(
          new HotdeskError(
            'limit-exceeded',
            `A command on ${name} wrote more than ${maxBytes} bytes to ${what}.`,
          ),
        );
      }
    };
    channel.on('data', take(stdout, 'stdout'));
    channel.stderr.on('data', take(stderr, 'stderr'));
    void ending.then((how) => {
      end = how;
      if (how && !settled) drain = setTimeout(finish, DRAIN_MS);
    });
    // After `ending`, which the same event may settle.
    channel.once('close', () => void ending.then(finish));
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    channel.end(options.stdin ?? '');
  });
}

/** One output stream, without the noise before its mark. */
class Collector {
  readonly #filter: MarkFilter;
  #pidPending: boolean;
  #chunks: Buffer[] = [];
  pid: number | undefined;
  size = 0;

  constructor(mark: Buffer, withPid = false) {
    this.#filter = new MarkFilter(mark);
    this.#pidPending = withPid;
  }

  get found(): boolean {
    return this.#filter.found;
  }

  get pidKnown(): boolean {
    return !this.#pidPending;
  }

  get noise(): string {
    return this.#filter.noise;
  }

  push(chunk: Buffer): void {
    const part = this.#filter.push(chunk);
    if (!part) return;
    this.#chunks.push(part);
    this.size += part.length;
    if (!this.#pidPending) return;
    const split = splitPid(Buffer.concat(this.#chunks));
    if (!split) return;
    this.#pidPending = false;
    this.pid = split.pid;
    this.#chunks = [split.rest];
    this.size = split.rest.length;
  }

  bytes(): Buffer {
    return this.#pidPending ? Buffer.alloc(0) : Buffer.concat(this.#chunks);
  }
}

/** What sshd says instead of running a command when PAM, or shadow(5), wants the password changed first. */
const EXPIRED = /password has expired|password change required/iu;

/** The user is in, and sshd runs nothing for them until their password is changed: SshConnection.changePassword. */
export class PasswordExpired extends HotdeskError {
  constructor(name: string, said: string) {
    super('auth-failed', `The password on ${name} has expired; it says: ${said}`, {
      hint: `Change it: hotdesk setup ${name}, or in a terminal: ssh ${name}`,
    });
  }
}

/** The login shell (nologin, a forced command, a restricted shell) did something else than run the line. */
export function neverRan(name: string, out: string, err: string, code: number | undefined): HotdeskError {
  const said = sanitise(`${err} ${out}`, 200);
  if (EXPIRED.test(said)) return new PasswordExpired(name, said);
  return new HotdeskError(
    'command-failed',
    `${name} does not run commands for this user${said ? `; it says: ${said.replace(/\.$/u, '')}` : ''}${code === undefined ? '' : ` (exit ${code})`}.`,
    { hint: 'Its login shell may be nologin, or sshd may force another command (ForceCommand).' },
  );
}
