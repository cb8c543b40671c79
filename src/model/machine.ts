/**
 * A machine as the launcher sees it: a place where a profile's commands run and whose endpoints can
 * be reached. Implemented over SSH (agent/machines/remote) and on this machine (agent/machines/local).
 */
import type { Duplex } from 'node:stream';

export interface ExecOptions {
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Written to standard input, which is then closed. */
  readonly stdin?: string | Buffer | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default 30,000. The command is ended and `timeout` thrown. */
  readonly timeoutMs?: number | undefined;
  /** Limit of stdout and of stderr each, in bytes; default 4 MiB. Over it: `limit-exceeded`. */
  readonly maxBytes?: number | undefined;
}

export interface ExecResult {
  /** Exit code; undefined when a signal ended it. */
  readonly code: number | undefined;
  /** `TERM`, `KILL`, …: without the SIG. */
  readonly signal: string | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** What a viewer needs to be let in, by name: for its private files, never for argv, environment or a log. */
export type Secrets = Readonly<Record<string, string>>;

/** Where a session's stream can be reached on its machine. */
export type Endpoint =
  | { readonly kind: 'unix'; readonly path: string; readonly secrets?: Secrets }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly secrets?: Secrets }
  /** A command that the viewer runs there itself, by an ssh of its own. */
  | { readonly kind: 'ssh'; readonly argv: readonly string[]; readonly secrets?: Secrets }
  | {
      readonly kind: 'pty';
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    };

/** A command with a terminal of its own, its bytes both ways. */
export interface PtyStream {
  readonly stream: Duplex;
  resize(size: TerminalSize): void;
  /** Settles when the command has ended: its exit code, or undefined when a signal or the connection ended it. */
  readonly exited: Promise<{ code: number | undefined; signal: string | undefined }>;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface Machine {
  /** For messages. */
  readonly name: string;
  readonly isLocal: boolean;
  /** `SHA256:…` of the key by which it proved who it is; undefined for this machine itself. */
  readonly fingerprint?: string | undefined;
  /** Runs argv without a shell of ours in between; a non-zero exit is an answer, not an error. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Connects to a unix socket or port of that machine. */
  open(endpoint: Endpoint & { kind: 'unix' | 'tcp' }, signal?: AbortSignal): Promise<Duplex>;
  /** Runs argv in a new terminal. Not there on this machine itself: the CLI lends its own terminal. */
  pty?(
    argv: readonly string[],
    options: TerminalSize & { term: string; env?: Readonly<Record<string, string>>; signal?: AbortSignal },
  ): Promise<PtyStream>;
}
