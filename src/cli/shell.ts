/** What a command runs with: the process around it, and the agent on demand. */
import { type Client, type ConnectOptions, connect } from '../client/client.ts';
import { type HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { seatOf } from '../model/seat-of.ts';
import type { Method, Params, Result } from '../protocol/api.ts';
import { type Paths, pathsOf } from '../protocol/paths.ts';
import { callName } from './call-name.ts';
import { Console, type Flags, type Streams } from './console.ts';
import { Interrupt } from './interrupt.ts';
import { Progress } from './progress.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface Shell {
  readonly env: Env;
  readonly cwd: string;
  readonly uid: number;
  readonly paths: Paths;
  readonly streams: Streams;
  /** argv that runs an agent in the foreground. */
  readonly agentProgram: readonly string[];
  /** How this program is called, for hints. Looks at the disk. */
  callName(): string;
  exitCode: number;
}

/** The process this runs in. */
export function shellOf(process: NodeJS.Process): Shell {
  const uid = process.getuid?.() ?? 0;
  return {
    env: process.env,
    cwd: process.cwd(),
    uid,
    paths: pathsOf(process.env, uid),
    streams: process,
    agentProgram: [process.execPath, process.argv[1] ?? 'hotdesk', 'agent', 'run'],
    callName: () => callName({ program: process.argv[1] ?? '', cwd: process.cwd(), path: process.env.PATH }),
    exitCode: 0,
  };
}

/** A command under way: its output, its interrupt, and calls to the agent. */
export class Run {
  readonly shell: Shell;
  readonly console: Console;
  readonly interrupt: Interrupt;
  #client: Client | undefined;
  /** Calls under way that the agent may have to undo. */
  #calls = 0;
  #registered: Promise<HotdeskError | undefined> = Promise.resolve(undefined);

  constructor(shell: Shell, flags: Flags) {
    this.shell = shell;
    this.console = new Console(shell.streams, shell.env, flags, shell.callName);
    this.interrupt = new Interrupt({
      process,
      onStopping: () => {
        if (this.#calls > 0) this.console.note('stopping…');
      },
    });
  }

  /**
   * The seat that this runs at, known to the agent; undefined without a display.
   * @throws HotdeskError `no-seat` when the display does not answer
   */
  async seat(): Promise<string | undefined> {
    const seat = seatOf(this.shell.env);
    if (!seat) return undefined;
    await this.connect();
    const refused = await this.#registered;
    if (refused) throw refused;
    return seat.id;
  }

  /** The agent, started if need be. The seat registers on the way: nothing that needs none waits for it. */
  async connect(
    options: Partial<Pick<ConnectOptions, 'start' | 'checks' | 'onStart'>> = {},
  ): Promise<Client> {
    if (this.#client && !this.#client.closed) return this.#client;
    const { shell } = this;
    const client = await connect({
      paths: shell.paths,
      uid: shell.uid,
      program: shell.agentProgram,
      env: shell.env,
      start: options.start ?? 'on-demand',
      checks: options.checks ?? 'schemas',
      onStart: (pid) => {
        options.onStart?.(pid);
        this.console.verbose(`No agent was running: started one (pid ${pid}, log ${shell.paths.log}).`);
      },
      signal: this.interrupt.signal,
    });
    this.#client = client;
    const seat = seatOf(shell.env);
    if (seat) this.#registered = client.call('seat.register', seat).then(() => undefined, toHotdeskError);
    return client;
  }

  /** A call with progress on stderr, which Ctrl-C cancels. `doing` is shown until the agent says more. */
  async call<M extends Method>(method: M, params: Params<M>, doing: string): Promise<Result<M>> {
    const { quiet, json } = this.console.flags;
    const progress = quiet || json ? undefined : new Progress(() => this.shell.streams.stderr, doing);
    this.#calls += 1;
    try {
      const client = await this.connect();
      return await client.call(method, params, {
        signal: this.interrupt.signal,
        onProgress: (text) => progress?.report(text),
      });
    } finally {
      this.#calls -= 1;
      progress?.end();
    }
  }

  end(): void {
    this.interrupt.end();
    this.#client?.close();
  }
}

/** Runs the body of a command; its failure becomes the exit code and a message. */
export async function command(shell: Shell, flags: Flags, body: (run: Run) => Promise<void>): Promise<void> {
  const run = new Run(shell, flags);
  run.interrupt.listen();
  try {
    await body(run);
  } catch (thrown) {
    const error = toHotdeskError(thrown);
    run.console.error(error);
    shell.exitCode = error.exitCode;
  } finally {
    run.end();
  }
}
