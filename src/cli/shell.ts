/** What a command runs with: the process around it, and the agent on demand. */
import { type Client, type ConnectOptions, connect } from '../client/client.ts';
import { type HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { seatOf } from '../model/seat-of.ts';
import type { Method, Params, Result } from '../protocol/api.ts';
import { type Paths, pathsOf } from '../protocol/paths.ts';
import { attend, mayAsk } from './attend.ts';
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
  /** Number of this process, where the agent may have begun already what it was called for. */
  readonly headStart?: number | undefined;
  /** argv that runs an agent in the foreground. */
  readonly agentProgram: readonly string[];
  /** How this program is called, for hints. Looks at the disk. */
  callName(): string;
  /** Asks whether to set a host up that a command failed for. */
  readonly offerSetup?: (run: Run, error: HotdeskError) => Promise<Offer>;
  exitCode: number;
}

/** `none`: nothing was asked. `declined`: the error was told. `ready`: it is set up now. `failed`: it is not. */
export type Offer = 'none' | 'declined' | 'ready' | 'failed';

/** The process this runs in. */
export function shellOf(process: NodeJS.Process): Shell {
  const uid = process.getuid?.() ?? 0;
  const headStart = takeHeadStart(process);
  return {
    env: process.env,
    cwd: process.cwd(),
    uid,
    paths: pathsOf(process.env, uid),
    streams: process,
    headStart,
    agentProgram: [process.execPath, process.argv[1] ?? 'hotdesk', 'agent', 'run'],
    callName: () => callName({ program: process.argv[1] ?? '', cwd: process.cwd(), path: process.env.PATH }),
    exitCode: 0,
  };
}

/** By bin/hotdesk.js; nobody that is started from here has had one. */
function takeHeadStart({ env, pid }: NodeJS.Process): number | undefined {
  const given = env.HOTDESK_HEAD_START;
  if (given === undefined) return undefined;
  delete env.HOTDESK_HEAD_START;
  return given === `${pid}` ? pid : undefined;
}

/** A command under way: its output, its interrupt, and calls to the agent. */
export class Run {
  readonly shell: Shell;
  readonly console: Console;
  readonly interrupt: Interrupt;
  #client: Client | undefined;
  #attended: Client | undefined;
  #progress: Progress | undefined;
  /** Calls under way that the agent may have to undo. */
  #calls = 0;
  #registered: Promise<HotdeskError | undefined> = Promise.resolve(undefined);
  #about: string | undefined;

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
      first: (greeting) => {
        const seat = seatOf(shell.env);
        if (seat)
          this.#registered = greeting.call('seat.register', seat).then(() => undefined, toHotdeskError);
      },
    });
    this.#client = client;
    return client;
  }

  /** A call with progress on stderr, which Ctrl-C cancels. `doing` is shown until the agent says more. */
  async call<M extends Method>(method: M, params: Params<M>, doing: string): Promise<Result<M>> {
    const { quiet, json } = this.console.flags;
    const progress = quiet || json ? undefined : new Progress(() => this.shell.streams.stderr, doing);
    this.#progress = progress;
    this.#calls += 1;
    this.#about = hostIn(params) ?? this.#about;
    try {
      const client = await this.connect();
      if (mayAsk(method, params)) this.#attend(client);
      return await client.call(method, params, {
        signal: this.interrupt.signal,
        onProgress: (text) => progress?.report(text),
        headStart: this.shell.headStart,
      });
    } finally {
      this.#calls -= 1;
      progress?.end();
    }
  }

  /** The host that the last call named, as the user wrote it. */
  get about(): string | undefined {
    return this.#about;
  }

  /** Once for each connection. */
  #attend(client: Client): void {
    if (this.#attended === client) return;
    this.#attended = client;
    attend(client, {
      env: this.shell.env,
      hold: () => this.#progress?.hold() ?? (() => {}),
      warn: (text) => this.console.note(text),
    });
  }

  end(): void {
    this.interrupt.end();
    this.#client?.close();
  }
}

/** The host that a call is about, where it says so. */
function hostIn(params: object): string | undefined {
  if ('host' in params && typeof params.host === 'string') return params.host;
  if (!('ref' in params) || typeof params.ref !== 'string') return undefined;
  const at = params.ref.lastIndexOf('@');
  return at < 0 ? undefined : params.ref.slice(at + 1);
}

/**
 * Runs the body of a command; its failure becomes the exit code and a message. Where the host was only
 * unknown, and is set up now, the body runs again.
 */
export async function command(
  shell: Shell,
  flags: Flags,
  body: (run: Run) => Promise<void>,
  isAgain = false,
): Promise<void> {
  const run = new Run(shell, flags);
  run.interrupt.listen();
  try {
    await body(run);
  } catch (thrown) {
    const error = toHotdeskError(thrown);
    const offer = await (isAgain ? undefined : shell.offerSetup?.(run, error).catch(() => 'declined'));
    if (offer === 'ready') return await command(shell, flags, body, true);
    if (offer === undefined || offer === 'none') run.console.error(error);
    if (offer !== 'failed') shell.exitCode = error.exitCode;
  } finally {
    run.end();
  }
}
