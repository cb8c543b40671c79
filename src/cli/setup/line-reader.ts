/**
 * Lines from a terminal, read as the kernel gives them: it echoes and edits, this moves no cursor. A
 * password is read without echo, a key at a time.
 */
import type { Streams } from '../console.ts';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const CTRL_W = '\u0017';
const ERASE = '\u0008\u007f';
/** Longest line that is kept, in UTF-16 units. */
const LIMIT = 64 * 1024;

export class LineReader {
  readonly #stdin: Streams['stdin'];
  /** Typed ahead of the question. */
  #ahead = '';
  #isOver = false;

  constructor(stdin: Streams['stdin']) {
    this.#stdin = stdin;
  }

  /** The next line, echoed by the terminal; undefined at the end of input or when the signal aborts. */
  line(signal: AbortSignal): Promise<string | undefined> {
    return this.#read(signal, (text) => {
      const end = text.indexOf('\n');
      if (end < 0) return text.length > LIMIT ? { value: text, rest: '' } : undefined;
      return { value: text.slice(0, end).replace(/\r$/u, ''), rest: text.slice(end + 1) };
    });
  }

  /** The next line, not echoed; undefined also by Ctrl-C, and by Ctrl-D where nothing was typed. */
  async hidden(signal: AbortSignal): Promise<string | undefined> {
    // What was typed ahead was echoed: it is not meant for here.
    this.#ahead = '';
    this.#stdin.setRawMode?.(true);
    try {
      return await this.#read(signal, hiddenLine);
    } finally {
      this.#stdin.setRawMode?.(false);
    }
  }

  #read(
    signal: AbortSignal,
    take: (text: string) => { value: string | undefined; rest: string } | undefined,
  ): Promise<string | undefined> {
    const stdin = this.#stdin;
    return new Promise((resolve) => {
      const settle = (value: string | undefined) => {
        stdin.off('data', receive);
        stdin.off('end', ended);
        signal.removeEventListener('abort', stopped);
        stdin.pause();
        resolve(value);
      };
      const attempt = (): boolean => {
        const taken = take(this.#ahead);
        if (!taken) return false;
        this.#ahead = taken.rest;
        settle(taken.value);
        return true;
      };
      const receive = (chunk: Buffer | string) => {
        this.#ahead += chunk.toString();
        attempt();
      };
      const ended = () => {
        this.#isOver = true;
        settle(undefined);
      };
      const stopped = () => settle(undefined);
      if (signal.aborted || attempt()) return signal.aborted ? settle(undefined) : undefined;
      if (this.#isOver) return settle(undefined);
      signal.addEventListener('abort', stopped, { once: true });
      stdin.on('end', ended);
      stdin.on('data', receive);
      stdin.resume();
    });
  }
}

/** A line of keys as they come from a raw terminal, edited by what was typed. Pure. */
export function hiddenLine(keys: string): { value: string | undefined; rest: string } | undefined {
  let line: string[] = [];
  let at = 0;
  for (const key of keys) {
    at += key.length;
    if (key === '\r' || key === '\n') return { value: line.join(''), rest: keys.slice(at) };
    if (key === CTRL_C || (key === CTRL_D && line.length === 0)) return { value: undefined, rest: '' };
    if (ERASE.includes(key)) line.pop();
    else if (key === CTRL_U || key === CTRL_W) line = [];
    else if (!/\p{Cc}/u.test(key)) line.push(key);
  }
  return keys.length > LIMIT ? { value: undefined, rest: '' } : undefined;
}
