/** Programs run inside a host of the lab. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
  /** Killed after so long, in ms; 30 s by default. */
  readonly timeoutMs?: number;
  /** Working directory inside the host; the home folder by default. */
  readonly cwd?: string;
}

export interface RunResult {
  /** Exit code; 128 + signal number as nsenter gives it, undefined when it was killed for taking too long. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
  readonly ms: number;
}

export interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What it has written so far. */
  readonly output: () => { stdout: string; stderr: string };
  /** Signals the program itself, not nsenter, which passes nothing on. */
  readonly kill: (signal?: NodeJS.Signals) => void;
  readonly result: Promise<RunResult>;
}

/** The processes whose parent is `pid`, as seen from outside the host. */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text ? text.split(' ').map(Number) : [];
  } catch {
    return [];
  }
}

/** Starts `argv` (a whole command with nsenter in front) and collects what it writes. */
export function start(argv: readonly string[], options: RunOptions = {}): Running {
  const [command = '', ...args] = argv;
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  // A program that ends without reading its input is no fault of the rig.
  child.stdin.on('error', () => {});
  if (options.stdin !== undefined) child.stdin.end(options.stdin);
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8');
  const kill = (signal: NodeJS.Signals = 'SIGTERM') => {
    for (const pid of child.pid === undefined ? [] : childrenOf(child.pid)) process.kill(pid, signal);
  };
  const result = new Promise<RunResult>((resolve, reject) => {
    let late = false;
    let held: NodeJS.Timeout | undefined;
    const timer = setTimeout(() => {
      late = true;
      kill('SIGKILL');
    }, options.timeoutMs ?? 30_000);
    const done = () => {
      clearTimeout(timer);
      clearTimeout(held);
      const ms = performance.now() - started;
      const stderr = late ? `${text(err)}\n(killed after ${options.timeoutMs ?? 30_000} ms)` : text(err);
      const code = late ? undefined : (child.exitCode ?? undefined);
      resolve({ code, stdout: text(out), stderr, stdoutBytes: Buffer.concat(out), ms });
    };
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', done);
    // A daemon that it left behind may hold its pipes for ever: those get a moment, not a wait.
    child.on('exit', () => {
      held = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, 300);
    });
  });
  return { child, output: () => ({ stdout: text(out), stderr: text(err) }), kill, result };
}
