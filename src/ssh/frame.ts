/**
 * Tells a command's own output from what the login shell wrote before it (.bashrc, .cshrc, config.fish):
 * the command line prints a mark that nobody can guess, and what precedes it is dropped.
 */
import { randomId } from '../kernel/ids.ts';

/** As much of the noise as is kept, to explain a mark that never came. */
const NOISE_KEPT = 2048;

export interface Frame {
  /** Runs before the command, in the same POSIX shell: marks stdout. */
  readonly prologue: string;
  /** Marks stderr too, followed by the shell's pid and a newline. Not for a terminal, where both are one. */
  readonly errorPrologue: string;
  /**
   * Instead, in a terminal without echo: waits for a line that says that the mark has come. Programs that take over
   * a terminal throw away what nobody has read of it (tmux: tcflush(3) with TCOFLUSH), the mark too.
   */
  readonly terminalPrologue: string;
  readonly mark: Buffer;
}

/** A new frame. The mark appears in two halves in the script, so that a shell which echoes its commands does not write it. */
export function newFrame(): Frame {
  const [a, b] = [`hd-${randomId(8)}`, randomId(8)];
  const prologue = `printf %s%s ${a} ${b}; `;
  return {
    prologue,
    terminalPrologue: `${prologue}IFS= read -r _ || exit 1; stty echo 2>/dev/null; `,
    errorPrologue: `printf '%s%s %s\\n' ${a} ${b} "$$" >&2; `,
    mark: Buffer.from(a + b),
  };
}

/** Passes on what follows the mark. */
export class MarkFilter {
  readonly #mark: Buffer;
  #held: Buffer = Buffer.alloc(0);
  #found = false;

  constructor(mark: Buffer) {
    this.#mark = mark;
  }

  get found(): boolean {
    return this.#found;
  }

  /** The end of what came before the mark. */
  get noise(): string {
    return this.#held.toString('utf8');
  }

  /** The part of `chunk` that is the command's, or undefined. */
  push(chunk: Buffer): Buffer | undefined {
    if (this.#found) return chunk;
    const held = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk;
    const at = held.indexOf(this.#mark);
    if (at < 0) {
      this.#held = held.subarray(Math.max(0, held.length - NOISE_KEPT));
      return undefined;
    }
    this.#found = true;
    this.#held = held.subarray(Math.max(0, at - NOISE_KEPT), at);
    const rest = held.subarray(at + this.#mark.length);
    return rest.length > 0 ? rest : undefined;
  }
}

/** The pid that follows the mark on stderr, and what follows its line; undefined while that line is not whole. */
export function splitPid(
  text: Buffer,
): { readonly pid: number | undefined; readonly rest: Buffer } | undefined {
  const end = text.indexOf(10);
  if (end < 0) return text.length > 32 ? { pid: undefined, rest: text } : undefined;
  const pid = Number(text.toString('latin1', 0, end).trim());
  return { pid: Number.isInteger(pid) && pid > 1 ? pid : undefined, rest: text.subarray(end + 1) };
}
