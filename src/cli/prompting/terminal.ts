/** Asks on the controlling terminal, wherever stdin and stdout go, as ssh does. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { ReadStream } from 'node:tty';
import type { PromptData } from '../../protocol/api.ts';
import { NOTHING, type Typed, type as typeOn } from './line-editor.ts';
import { preamble, question } from './words.ts';

/** The answers; undefined when the person gives none. @throws when there is no terminal */
export async function askOnTerminal(
  prompt: PromptData,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const fd = openSync('/dev/tty', constants.O_RDWR | constants.O_NOCTTY);
  const terminal = new ReadStream(fd);
  const write = (text: string) => writeSync(fd, text);
  try {
    terminal.setRawMode(true);
    for (const line of preamble(prompt)) write(`${line}\r\n`);
    const answers: string[] = [];
    for (const [index, { echo }] of prompt.prompts.entries()) {
      write(`${question(prompt, index)} `);
      const { text, end } = await line(terminal, echo ? write : undefined, signal);
      write('\r\n');
      if (end === 'interrupted') process.kill(process.pid, 'SIGINT');
      if (end !== 'done') return undefined;
      answers.push(text);
    }
    return answers;
  } finally {
    terminal.setRawMode(false);
    terminal.destroy();
    // A stream of a terminal does not always close what it was given.
    try {
      closeSync(fd);
    } catch {
      // It did.
    }
  }
}

/** @param echo undefined: what is typed is not shown, nor how much of it */
function line(
  terminal: ReadStream,
  echo: ((text: string) => void) | undefined,
  signal: AbortSignal,
): Promise<Typed> {
  return new Promise((resolve) => {
    const decoder = new StringDecoder('utf8');
    let typed = NOTHING;
    const end = (last: Typed) => {
      terminal.off('data', onData);
      terminal.pause();
      signal.removeEventListener('abort', onAbort);
      resolve(last);
    };
    const onAbort = () => end({ ...NOTHING, end: 'refused' });
    const onData = (chunk: Buffer) => {
      for (const char of decoder.write(chunk)) {
        const before = typed.text;
        typed = typeOn(typed, char);
        if (echo) redraw(before, typed.text, echo);
      }
      if (typed.end !== 'open') end(typed);
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    terminal.on('data', onData);
    terminal.resume();
  });
}

function redraw(before: string, after: string, echo: (text: string) => void): void {
  if (after.startsWith(before)) echo(after.slice(before.length));
  else echo('\b \b'.repeat([...before].length - [...after].length));
}
