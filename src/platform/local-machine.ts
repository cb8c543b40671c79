/** This computer as a machine: commands run here, sockets of here. */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { cancelled } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import type { Endpoint, ExecOptions, ExecResult, Machine } from '../model/machine.ts';

/** What a login over SSH would not have: a session started here must be the same as one started from afar. */
const NOT_PASSED_ON = [
  /^(?:DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DBUS_SESSION_BUS_ADDRESS)$/u,
  /^(?:TMUX|TMUX_PANE|STY|WINDOWID|TERM_PROGRAM\w*|VTE_VERSION|INVOCATION_ID|JOURNAL_STREAM|NOTIFY_SOCKET)$/u,
  /^(?:XPRA_|HOTDESK_|NODE_|npm_|SSH_|LISTEN_)/u,
];

type Env = Readonly<Record<string, string | undefined>>;

/** The environment of the agent, less what belongs to the desktop or terminal that it was started from. */
export function hostEnvironment(env: Env): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !NOT_PASSED_ON.some((pattern) => pattern.test(name))) kept[name] = value;
  }
  return kept;
}

/** @param env what commands start from; default: the process's own, see `hostEnvironment` */
export function localMachine(name: string, env: Env = hostEnvironment(process.env)): Machine {
  return {
    name,
    isLocal: true,
    exec: (argv, options = {}) => execHere(argv, env, options),
    open: (endpoint, signal) => openHere(endpoint, signal),
  };
}

function execHere(argv: readonly string[], base: Env, options: ExecOptions): Promise<ExecResult> {
  const { signal, timeoutMs = 30_000, maxBytes = 4 * 1024 * 1024 } = options;
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled(signal));
    const env = { ...base, ...options.env };
    // A group of its own, so that ending it ends what it started too.
    const child = spawn(program, args, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const out = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const size = { stdout: 0, stderr: 0 };
    let failure: HotdeskError | undefined;
    const end = (error: HotdeskError) => {
      failure ??= error;
      killGroup(child);
      // A child that left the group may hold the pipes open; do not wait for it.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const onAbort = () => end(cancelled(signal));
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => {
      end(new HotdeskError('timeout', `${program} took longer than ${Math.round(timeoutMs / 1000)} s.`));
    }, timeoutMs);
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        size[name] += chunk.length;
        if (size[name] > maxBytes) {
          end(new HotdeskError('limit-exceeded', `${program} put out more than ${maxBytes} bytes.`));
        } else {
          out[name].push(chunk);
        }
      });
    }
    child.on('error', (cause: NodeJS.ErrnoException) => {
      done();
      if (cause.code === 'ENOENT' || cause.code === 'EACCES') {
        // As a shell answers, and so as an SSH host answers.
        const stderr = Buffer.from(
          `${program}: ${cause.code === 'ENOENT' ? 'not found' : 'permission denied'}`,
        );
        resolve({
          code: cause.code === 'ENOENT' ? 127 : 126,
          signal: undefined,
          stdout: Buffer.alloc(0),
          stderr,
        });
      } else {
        reject(
          new HotdeskError('command-failed', `${program} could not be run: ${cause.message}.`, { cause }),
        );
      }
    });
    child.on('close', (code, ended) => {
      done();
      if (failure) return reject(failure);
      resolve({
        code: code ?? undefined,
        signal: ended?.replace(/^SIG/u, '') ?? undefined,
        stdout: Buffer.concat(out.stdout),
        stderr: Buffer.concat(out.stderr),
      });
    });
    // A command that does not read its input closes the pipe: no fault.
    child.stdin.on('error', () => {});
    child.stdin.end(options.stdin ?? '');
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

function openHere(endpoint: Endpoint & { kind: 'unix' | 'tcp' }, signal?: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled(signal));
    const socket = endpoint.kind === 'unix' ? connect(endpoint.path) : connect(endpoint.port, endpoint.host);
    const onAbort = () => {
      socket.destroy();
      reject(cancelled(signal));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const settle = () => signal?.removeEventListener('abort', onAbort);
    socket.once('connect', () => {
      settle();
      resolve(socket);
    });
    // Heard for as long as it lives, as with a channel of SSH: one that breaks before it is used ends no agent.
    socket.on('error', (cause) => {
      settle();
      const where = endpoint.kind === 'unix' ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
      reject(new HotdeskError('connection-refused', `Nothing answers at ${where}.`, { cause }));
    });
  });
}
