/** Runs a viewer on a seat: started, watched until it shows, ended with care. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cancelled } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { Seat } from '../model/seat.ts';
import { type Connecting, whileConnecting } from './connecting.ts';
import { viewerEnvironment } from './environment.ts';
import { locate } from './locate.ts';
import { inLumps } from './lumps.ts';
import { OutputTail } from './output.ts';

/** A local program that shows a session. */
export interface ViewerProgram {
  /** What people know it by; by default the first word of argv. */
  readonly name?: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Private files that are there as long as it runs. */
  readonly files?: readonly {
    readonly path: string;
    readonly data: Buffer;
    /** As long as it shows nothing yet. */
    readonly untilShown?: boolean | undefined;
  }[];
  /** A private folder that is there as long as it runs. */
  readonly folder?: string | undefined;
  /** A line of its output that matches means: on the screen. Undefined: somebody else knows (the backend's listing). */
  readonly ready: RegExp | undefined;
  /**
   * One that means, before that: it connects, and is not ended until it shows, for its session's sake. One
   * that still shows nothing after 3 s counts as shown: it says in its window why.
   */
  readonly connects?: RegExp | undefined;
  /** One that means, before that: what it has does not let it in. */
  readonly refused?: RegExp | undefined;
  /** One that means, before that: it will show nothing, and stays to say so. Its group `why` is told. */
  readonly fails?: RegExp | undefined;
  /** Files that it leaves when it is ended; `{pid}`, or `{pidHex}` in 16 digits, is its process. */
  readonly leaves?: readonly string[] | undefined;
  /** Longest wait for that line, in ms. */
  readonly timeoutMs: number;
}

export interface ViewerEnd {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  /** Its last lines, made safe. */
  readonly said: string;
}

/** What a viewer says is read so often, in ms. */
const LUMP_MS = 20;

/** The viewer alone failed. */
const AGAIN =
  'The session goes on: `hotdesk attach` tries again, `hotdesk doctor` looks at what is installed here.';

/** A viewer that runs. It ends with the stream that it shows, so with the agent's forward. */
export interface RunningViewer {
  readonly pid: number;
  /**
   * Settles when it is on the screen: at its ready line. Without one, settles at once.
   * Rejects with `viewer-failed` (it ended before, or says that it fails), `auth-failed`, `timeout` or
   * `cancelled`; the viewer is ended then.
   */
  readonly shown: Promise<void>;
  /** Settles when it has ended, however that came. Never rejects. */
  readonly exited: Promise<ViewerEnd>;
  /**
   * SIGTERM, then SIGKILL after `graceMs`, to it and what it started; not while it connects. Resolves when it
   * has ended.
   */
  terminate(graceMs?: number): Promise<ViewerEnd>;
}

export interface LaunchOptions {
  /** The agent's environment; the viewer gets only what `viewerEnvironment` takes of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** Hears each line of its output, as it came. */
  readonly onLine?: (line: string) => void;
}

/**
 * Starts `program` at `seat`.
 * @throws HotdeskError `viewer-missing`, `viewer-failed` (it could not be run), `cancelled`
 */
export async function launchViewer(
  program: ViewerProgram,
  seat: Seat,
  { env: own = process.env, signal, onLine }: LaunchOptions = {},
): Promise<RunningViewer> {
  const [name = '', ...args] = program.argv;
  const env = viewerEnvironment(own, seat, program.env);
  const file = await locate(name, env.PATH);
  if (!file) {
    throw new HotdeskError(
      'viewer-missing',
      `The viewer ${program.name ?? name} is not installed on this machine.`,
      {
        hint: 'Run `hotdesk doctor` for the command that installs it.',
      },
    );
  }
  if (signal?.aborted) throw cancelled(signal);
  writePrivately(program);
  // A group of its own: what it starts ends with it, and a Ctrl-C at the agent's terminal is not meant for it.
  const child = spawn(file, args, { env, cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = new OutputTail();
  if (onLine) output.onLine(onLine);
  return watch(child, program.name ?? name, program, output, signal);
}

async function watch(
  child: ChildProcess,
  name: string,
  program: ViewerProgram,
  output: OutputTail,
  signal: AbortSignal | undefined,
): Promise<RunningViewer> {
  const exited = new Promise<ViewerEnd>((resolve) => {
    child.once('error', (cause) => {
      clearAway(program);
      resolve({ code: undefined, signal: undefined, said: sanitise(cause.message) });
    });
    child.once('exit', (code, ended) => {
      // A moment for its last words, which may still be in the pipe; a grandchild may hold that open.
      setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        clearAway(program, child.pid);
        const name = ended?.replace(/^SIG/u, '');
        resolve({ code: code ?? undefined, signal: name, said: output.lastWords() });
      }, 20);
    });
  });
  // Neither is there where no more files can be opened.
  const heard = [child.stdout, child.stderr].flatMap((stream) =>
    stream ? [inLumps(stream, LUMP_MS, (chunk) => output.push(chunk))] : [],
  );
  child.once('exit', () => {
    for (const each of heard) each.end();
  });
  const { pid } = child;
  if (pid === undefined) {
    throw new HotdeskError('viewer-failed', `${name} could not be run: ${(await exited).said}.`);
  }
  const { ready, connects, refused, fails } = program;
  const connecting = whileConnecting({ connects, done: [ready, refused, fails] }, output, exited);
  const terminate = async (graceMs = 2000): Promise<ViewerEnd> => {
    // Whether it connects is told in what it has said.
    await Promise.all(heard.map((each) => each.catchUp()));
    await connecting.over();
    signalGroup(pid, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
    const end = await exited;
    clearTimeout(timer);
    return end;
  };
  const shown = untilShown(name, program, output, { exited, connecting, signal });
  // A viewer that did not show is of no use and must not show later.
  shown.then(
    () => {
      for (const { path, untilShown } of program.files ?? []) if (untilShown) rmSync(path, { force: true });
    },
    () => void terminate(),
  );
  return { pid, shown, exited, terminate };
}

/** What the viewer reads. What was begun is taken away where there is no room for all of it. */
function writePrivately(program: ViewerProgram): void {
  try {
    if (program.folder) mkdirSync(program.folder, { mode: 0o700 });
    for (const { path, data } of program.files ?? []) writeFileSync(path, data, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    clearAway(program);
    const why = sanitise(cause instanceof Error ? cause.message : String(cause));
    throw new HotdeskError('viewer-failed', `What the viewer must read could not be written: ${why}.`, {
      hint: 'See whether there is room left: `df -h "$XDG_RUNTIME_DIR"`.',
      cause,
    });
  }
}

function clearAway({ files = [], folder, leaves = [] }: ViewerProgram, pid?: number): void {
  if (pid !== undefined) for (const left of leaves) rmSync(pathOf(left, pid), { force: true });
  for (const { path } of files) rmSync(path, { force: true });
  if (folder) rmSync(folder, { recursive: true, force: true });
}

function pathOf(left: string, pid: number): string {
  const hex = pid.toString(16).toUpperCase().padStart(16, '0');
  return left.replace('{pidHex}', hex).replace('{pid}', String(pid));
}

function untilShown(
  name: string,
  { ready, refused, fails, timeoutMs }: ViewerProgram,
  output: OutputTail,
  {
    exited,
    connecting,
    signal,
  }: { exited: Promise<ViewerEnd>; connecting: Connecting; signal: AbortSignal | undefined },
): Promise<void> {
  if (!ready) return Promise.resolve();
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      const seconds = Math.round(timeoutMs / 1000);
      const said = output.lastWords();
      reject(
        new HotdeskError('timeout', `${name} showed nothing for ${seconds} s: ${said}.`, { hint: AGAIN }),
      );
    }, timeoutMs);
    const onAbort = () => reject(cancelled(signal));
    signal?.addEventListener('abort', onAbort, { once: true });
    output.onLine((line) => {
      if (ready.test(line)) resolve();
      else if (refused?.test(line)) reject(notLetIn(name));
      else if (fails?.test(line)) reject(failure(name, fails.exec(line)?.groups?.why ?? output.lastWords()));
    });
    void connecting.late.then(resolve);
    void exited.then((end) => {
      const how = end.signal ? `was ended by SIG${end.signal}` : `ended with ${end.code ?? 'an error'}`;
      reject(
        new HotdeskError('viewer-failed', `${name} ${how} before it showed anything: ${end.said}.`, {
          hint: AGAIN,
        }),
      );
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    });
    if (signal?.aborted) onAbort();
  });
}

function notLetIn(name: string): HotdeskError {
  return new HotdeskError('auth-failed', `${name} was not let in: the password or ticket is not right.`, {
    hint: AGAIN,
  });
}

/** @param why in its own words */
function failure(name: string, why: string): HotdeskError {
  const said = sanitise(why, 300).replace(/\.$/u, '');
  return new HotdeskError('viewer-failed', `${name} cannot show it: ${said}.`, { hint: AGAIN });
}

/** Signals a viewer and what it started; no fault if it is gone. */
function signalGroup(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, name);
  } catch {
    // Gone already.
  }
}
