/** Where a command writes: results on stdout, everything about them on stderr, both through the gate. */
import type { HotdeskError } from '../kernel/errors.ts';
import { JSON_VERSION } from '../protocol/version.ts';
import { asCalled } from './call-name.ts';
import { gate, render, type Span, safeJson } from './style.ts';
import { wrap } from './wrap.ts';

export interface Streams {
  readonly stdin: NodeJS.ReadableStream & {
    readonly isTTY?: boolean | undefined;
    setRawMode?(mode: boolean): unknown;
    unref?(): unknown;
  };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Are stdin and stdout a terminal? Told without opening them. */
  isTerminal?(): boolean;
}

export interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** What every command understands. */
export interface Flags {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}

export class Console {
  readonly streams: Streams;
  readonly flags: Flags;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #callName: () => string;

  /** @param callName how the user calls this program */
  constructor(
    streams: Streams,
    env: Readonly<Record<string, string | undefined>>,
    flags: Flags,
    callName: () => string,
  ) {
    this.streams = streams;
    this.flags = flags;
    this.#env = env;
    this.#callName = callName;
  }

  /** A person at a terminal, who can be asked. */
  get isInteractive(): boolean {
    const { streams } = this;
    return streams.isTerminal?.() ?? Boolean(streams.stdin.isTTY && streams.stdout.isTTY);
  }

  /** Columns that a table may take. */
  get width(): number {
    const { stdout } = this.streams;
    return stdout.isTTY ? Math.max(20, stdout.columns || 80) : Number.POSITIVE_INFINITY;
  }

  /** One line of the result. */
  print(...spans: readonly Span[]): void {
    this.streams.stdout.write(`${render(spans, this.#colour(this.streams.stdout))}\n`);
  }

  lines(lines: readonly (readonly Span[])[]): void {
    for (const line of lines) this.print(...line);
  }

  /** The whole result for scripts: an object that opens with the version of its shape. */
  json(value: Readonly<Record<string, unknown>>): void {
    this.streams.stdout.write(`${safeJson({ version: JSON_VERSION, ...value }, 2)}\n`);
  }

  /** One of several results for scripts, a line each. */
  jsonLine(value: Readonly<Record<string, unknown>>): void {
    this.streams.stdout.write(`${safeJson({ version: JSON_VERSION, ...value })}\n`);
  }

  /** Something about the result. */
  note(...spans: readonly Span[]): void {
    if (this.flags.quiet || this.flags.json) return;
    this.#err(
      spans.map((span) =>
        typeof span === 'string' ? this.hint(span) : { ...span, text: this.hint(span.text) },
      ),
    );
  }

  verbose(text: string): void {
    if (this.flags.verbose) this.#err([{ text, style: 'dim' }]);
  }

  /** An error for people on stderr and, with --json, as an object on stdout too. */
  error(error: HotdeskError): void {
    const [first = '', ...more] = linesOf(error.message);
    this.#err([{ text: 'hotdesk: ', style: 'red' }, first]);
    for (const line of more) this.#err([`  ${line}`]);
    if (error.candidates?.length) this.#err([`  ${candidatesLine(error.code, error.candidates)}`]);
    if (error.hint) for (const text of this.#fit(this.hint(error.hint))) this.#err([{ text, style: 'dim' }]);
    if (this.flags.verbose)
      this.#err([{ text: `code: ${error.code}, exit code ${error.exitCode}`, style: 'dim' }]);
    if (this.flags.json) this.jsonLine({ error: error.toData() });
  }

  /** A hint whose commands work as they stand. */
  hint(text: string): string {
    return text.includes('hotdesk ') ? asCalled(text, this.#callName()) : text;
  }

  get colourful(): boolean {
    return this.#colour(this.streams.stdout);
  }

  /** Lines that fit a terminal. */
  #fit(text: string): string[] {
    const { stderr } = this.streams;
    return stderr.isTTY ? wrap(gate(text), Math.max(20, stderr.columns || 80)) : [text];
  }

  #err(spans: readonly Span[]): void {
    this.streams.stderr.write(`${render(spans, this.#colour(this.streams.stderr))}\n`);
  }

  /** https://no-color.org: any value but an empty one turns colour off. */
  #colour(stream: Output): boolean {
    return Boolean(stream.isTTY) && !this.#env.NO_COLOR && this.#env.TERM !== 'dumb';
  }
}

/** Names that the user could have meant: all of them match, or none does and these are there. */
function candidatesLine(code: string, names: readonly string[]): string {
  return `${code === 'ambiguous' ? 'It could be' : 'There is'}: ${names.join(', ')}`;
}

/** At most 20 lines of a message: an application's own words may be part of it. */
function linesOf(message: string): string[] {
  const lines = message.split(/\r?\n/u).filter((line) => line.trim() !== '');
  return lines.length > 20 ? [...lines.slice(0, 20), '…'] : lines;
}
