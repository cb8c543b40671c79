/** Asks on the controlling terminal, wherever stdin and stdout go, as ssh does. */
import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { ReadStream } from 'node:tty';
import { preamble, question } from '../../client/prompting/words.ts';
import type { PromptData } from '../../protocol/api.ts';
import { NOTHING, type Typed, type as typeOn } from './line-editor.ts';

/** The answers; undefined when the person gives none. @throws when there is no terminal */
export async function askOnTerminal(
  prompt: PromptData,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const flags = constants.O_RDWR | constants.O_NOCTTY;
  const output = openSync('/dev/tty', flags);
  // Its descriptor is the stream's from here on: whether that closes it depends on the terminal.
  const terminal = new ReadStream(openSync('/dev/tty', flags));
  const lines = new Lines(terminal);
  const write = (text: string) => writeSync(output, text);
  try {
    terminal.setRawMode(true);
    for (const line of preamble(prompt)) write(`${line}\r\n`);
    const answers: string[] = [];
    for (const [index, { echo }] of prompt.prompts.entries()) {
      write(`${question(prompt, index)} `);
      const { text, end } = await lines.next(echo ? write : undefined, signal);
      write('\r\n');
      if (end === 'interrupted') await interrupted();
      if (end !== 'done') return undefined;
      answers.push(text);
    }
    return answers;
  } finally {
    terminal.setRawMode(false);
    // Until it is closed it may take what is typed for the next question.
    const closed = once(terminal, 'close');
    terminal.destroy();
    await closed;
    closeSync(output);
  }
}

/** As the terminal does it elsewhere. The command is stopped before its question ends without an answer. */
async function interrupted(): Promise<void> {
  const received = once(process, 'SIGINT');
  process.kill(process.pid, 'SIGINT');
  await received;
}

/** Reads line by line. What was typed ahead stays for the next line. */
class Lines {
  readonly #terminal: ReadStream;
  readonly #decoder = new StringDecoder('utf8');
  #ahead: string[] = [];

  constructor(terminal: ReadStream) {
    this.#terminal = terminal;
  }

  /** @param echo undefined: what is typed is not shown, nor how much of it */
  next(echo: ((text: string) => void) | undefined, signal: AbortSignal): Promise<Typed> {
    return new Promise((resolve) => {
      let typed = NOTHING;
      const end = (last: Typed) => {
        this.#terminal.off('data', onData);
        this.#terminal.pause();
        signal.removeEventListener('abort', onAbort);
        resolve(last);
      };
      const take = () => {
        while (typed.end === 'open') {
          const char = this.#ahead.shift();
          if (char === undefined) return;
          const before = typed.text;
          typed = typeOn(typed, char);
          if (echo) redraw(before, typed.text, echo);
        }
        end(typed);
      };
      const onAbort = () => end({ ...NOTHING, end: 'refused' });
      const onData = (chunk: Buffer) => {
        this.#ahead.push(...this.#decoder.write(chunk));
        take();
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      this.#terminal.on('data', onData);
      this.#terminal.resume();
      take();
    });
  }
}

function redraw(before: string, after: string, echo: (text: string) => void): void {
  if (after.startsWith(before)) echo(after.slice(before.length));
  else echo('\b \b'.repeat([...before].length - [...after].length));
}
