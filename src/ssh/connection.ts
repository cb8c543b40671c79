/** A machine over SSH. */
import type { Duplex } from 'node:stream';
import { HotdeskError } from '../kernel/errors.ts';
import type { ExecOptions, ExecResult, Machine, PtyStream, TerminalSize } from '../model/machine.ts';
import { Asker } from './auth/asker.ts';
import type { Prompter } from './auth/auth.ts';
import { changeInTerminal, PASSWD_TERMINAL } from './auth/expired-terminal.ts';
import type { LoginMethod } from './auth/provider.ts';
import { collect } from './exec.ts';
import { ForwardFailure, nobodyAnswers, openDirect, openRelay } from './forward.ts';
import { newFrame } from './frame.ts';
import type { Line } from './line.ts';
import { awaitMark } from './marked.ts';
import { forAnyShell, posixCommand } from './quote.ts';
import { RELAYS, type RelayRecipe, type StreamEndpoint } from './relay.ts';
import { Sessions } from './sessions.ts';
import { type Sftp, sftpCalls } from './sftp.ts';
import type { ResolvedTarget } from './target.ts';

/** Shortest time between two relays to an endpoint where nobody answers. */
const RELAY_AGAIN_MS = 500;

export interface PtyOptions extends TerminalSize {
  readonly term: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** How a connection logged in. */
export interface Login {
  /** The method that came last, where the server wanted several. */
  readonly method: LoginMethod | 'none';
  /** For people: which key, which password. */
  readonly label: string;
  /** “vouched for by …” where a certificate authority is who says that the host's key is its own. */
  readonly vouchedFor: string | undefined;
  /** `SHA256:…` of the host's key. */
  readonly hostKey: string | undefined;
  /** What runs there may use our ssh-agent. */
  readonly forwardsAgent: boolean;
}

export interface ConnectionParts {
  readonly target: ResolvedTarget;
  readonly line: Line;
  readonly login: Login;
  /** A further connection to the same host, for when the server's MaxSessions is reached. */
  readonly dialSpare: () => Promise<Line>;
  /** Tried before the built-in ones where sshd forbids forwarding. */
  readonly relays?: readonly RelayRecipe[] | undefined;
}

/** An authenticated connection to one host, shared by all who use that host. */
export class SshConnection implements Machine {
  readonly isLocal = false;
  readonly name: string;
  readonly target: ResolvedTarget;
  readonly login: Login;
  /** Settles once, when the connection is gone: why, or undefined when it was closed here. */
  readonly closed: Promise<HotdeskError | undefined>;
  readonly #line: Line;
  readonly #sessions: Sessions;
  readonly #relays: readonly RelayRecipe[];
  /** Whether sshd forwards, per kind of endpoint, as far as was seen. */
  readonly #forwards = { unix: 'unknown', tcp: 'unknown' } as Record<
    'unix' | 'tcp',
    'unknown' | 'works' | 'refused'
  >;
  #missing = { key: '', at: 0 };
  #uses = 0;
  /** To be ended with the last use. */
  #isLetGo = false;
  #onUse: (inUse: boolean) => void = () => {};

  constructor(parts: ConnectionParts) {
    this.name = parts.target.name;
    this.target = parts.target;
    this.login = parts.login;
    this.#line = parts.line;
    this.#sessions = new Sessions(parts.line, this.name, parts.dialSpare);
    this.#relays = [...(parts.relays ?? []), ...RELAYS];
    this.closed = parts.line.closed.then((why) => {
      this.#sessions.close();
      return why;
    });
  }

  get fingerprint(): string | undefined {
    return this.login.hostKey;
  }

  get isOpen(): boolean {
    return this.#line.isOpen();
  }

  /** Something runs over it or leases it. */
  get inUse(): boolean {
    return this.#uses > 0;
  }

  /** Calls `listener` once, when the connection is gone. `error` is undefined when it was closed here. */
  onClose(listener: (error: HotdeskError | undefined) => void): void {
    void this.closed.then(listener);
  }

  /** Keeps an idle connection open until the answer is called. */
  lease(): () => void {
    this.#use(1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#use(-1);
    };
  }

  /** For the pool: told when the first use begins and the last one ends. */
  watchUse(listener: (inUse: boolean) => void): void {
    this.#onUse = listener;
  }

  /**
   * Runs argv as the user there, by /bin/sh whatever the login shell is.
   * @throws HotdeskError `timeout`, `limit-exceeded`, `cancelled`, `connection-lost`, `command-failed`, `bad-argument`
   */
  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return this.#during(async () => {
      const frame = newFrame();
      const command = forAnyShell(frame.prologue + frame.errorPrologue + posixCommand(argv, options.env));
      const running = await this.#sessions.exec(command, undefined, options.signal);
      return collect(running, frame, this.name, options, (pid, signal) => this.#kill(pid, signal));
    });
  }

  /**
   * A stream to a unix socket or port there. Half-closing it by `end()` reaches the other side.
   * @throws HotdeskError `connection-refused` when nobody answers, `forward-refused`, `connection-lost`, `cancelled`
   */
  async open(endpoint: StreamEndpoint, signal?: AbortSignal): Promise<Duplex> {
    return this.#during(async () => {
      this.#assertOpen();
      const stream = await this.#openStream(endpoint, signal);
      this.#use(1);
      stream.once('close', () => this.#use(-1));
      return stream;
    });
  }

  /** Runs argv in a new terminal. The signal is for its beginning; destroying the stream ends it. @throws as exec does */
  async pty(argv: readonly string[], options: PtyOptions): Promise<PtyStream> {
    return this.#during(async () => {
      const frame = newFrame();
      const command = forAnyShell(frame.terminalPrologue + posixCommand(argv, options.env));
      const size = { cols: options.columns, rows: options.rows, width: 0, height: 0 };
      const { channel, ending, lasts } = await this.#sessions.exec(
        command,
        { ...size, term: options.term, modes: { ECHO: 0 } },
        options.signal,
      );
      await awaitMark(channel, frame, this.name, options.signal);
      channel.write('\n');
      lasts();
      this.#use(1);
      channel.once('close', () => this.#use(-1));
      return {
        stream: channel,
        resize: ({ columns, rows }) => channel.setWindow(rows, columns, 0, 0),
        exited: ending.then((end) => end ?? { code: undefined, signal: undefined }),
      };
    });
  }

  /** The SFTP subsystem, until it is ended. @throws HotdeskError `not-supported`, `limit-exceeded`, `connection-lost` */
  async sftp(signal?: AbortSignal): Promise<Sftp> {
    return this.#during(async () => {
      this.#assertOpen();
      return sftpCalls(await this.#sessions.sftp(signal), this.name);
    });
  }

  /**
   * Has the user's password changed after a PasswordExpired, by whoever answers. Closes the connection:
   * sshd runs nothing else on it.
   * @throws HotdeskError `auth-failed` when it was not changed, `timeout`, `cancelled`, `connection-lost`
   */
  async changePassword(prompter: Prompter | undefined, signal?: AbortSignal): Promise<void> {
    const asker = new Asker(this.target, { prompter });
    if (signal) asker.signal = signal;
    // passwd runs in its place; if it does not, nothing has been changed.
    const running = await this.#during(() => this.#sessions.exec('exit 1', PASSWD_TERMINAL, signal));
    await changeInTerminal(running, asker);
    this.close();
    await this.closed;
  }

  /**
   * Ends it, unless something runs over it still: then with that. Others may share it: a viewer, a host that
   * is reached through this one.
   */
  letGo(): void {
    if (this.#uses === 0) this.close();
    else this.#isLetGo = true;
  }

  /** Ends it and all that runs over it. */
  close(): void {
    this.#sessions.close();
    this.#line.close();
  }

  async #openStream(endpoint: StreamEndpoint, signal?: AbortSignal): Promise<Duplex> {
    const { kind } = endpoint;
    if (this.#forwards[kind] !== 'refused') {
      try {
        const stream = await openDirect(this.#line, endpoint, signal);
        this.#forwards[kind] = 'works';
        return stream;
      } catch (error) {
        if (!(error instanceof ForwardFailure)) throw error;
        this.#assertOpen(error);
        // OpenSSH gives a forbidden unix socket and a missing one the same answer.
        const mayBeForbidden =
          error.kind === 'prohibited' || (kind === 'unix' && this.#forwards.unix === 'unknown');
        if (!mayBeForbidden || this.#wasMissing(endpoint)) throw nobodyAnswers(endpoint, this.name, '');
      }
    }
    const exec = (command: string) => this.#sessions.exec(command, undefined, signal);
    try {
      const stream = await openRelay(exec, endpoint, this.#relays, this.name, signal);
      this.#forwards[kind] = 'refused';
      return stream;
    } catch (error) {
      this.#missing = { key: JSON.stringify(endpoint), at: performance.now() };
      throw error;
    }
  }

  /** A relay found nobody there a moment ago: who asks again and again need not start one each time. */
  #wasMissing(endpoint: StreamEndpoint): boolean {
    const { key, at } = this.#missing;
    return key === JSON.stringify(endpoint) && performance.now() - at < RELAY_AGAIN_MS;
  }

  #assertOpen(cause?: unknown): void {
    if (this.#line.isOpen()) return;
    throw new HotdeskError('connection-lost', `The connection to ${this.name} broke.`, { cause });
  }

  /** sshd makes each command a session of its own (setsid(2)), so its pid is that of its process group. */
  #kill(pid: number, signal: 'TERM' | 'KILL'): void {
    const command = forAnyShell(`kill -${signal} -${pid} || kill -${signal} ${pid}`);
    this.#sessions.exec(command, undefined).then(
      ({ channel }) => {
        channel.resume();
        channel.stderr.resume();
        channel.end();
      },
      () => {},
    );
  }

  async #during<T>(work: () => Promise<T>): Promise<T> {
    this.#use(1);
    try {
      return await work();
    } finally {
      this.#use(-1);
    }
  }

  #use(change: 1 | -1): void {
    const before = this.#uses;
    this.#uses += change;
    // Somebody wants it again.
    if (change > 0) this.#isLetGo = false;
    else if (this.#uses === 0 && this.#isLetGo) this.close();
    if ((before === 0) !== (this.#uses === 0)) this.#onUse(this.#uses > 0);
  }
}
