import { createInterface } from 'node:readline';
import { orAbort } from '../kernel/abort.ts';
import { fit as clip, sanitise } from '../kernel/text.ts';
import type { Run } from './shell.ts';

/** Asks a person yes or no; anything but yes is no. @throws HotdeskError `cancelled` */
export async function isAgreed(run: Run, question: string): Promise<boolean> {
  return /^\s*y(?:es)?\s*$/iu.test(await lineFrom(run, question, ' [y/N] '));
}

/** Asks a person for a line of text; empty where the input ends. @throws HotdeskError `cancelled` */
export async function lineFrom(run: Run, question: string, end = ' '): Promise<string> {
  const { stdin, stderr, stdout } = run.shell.streams;
  stderr.write(`${clip(sanitise(question), (stdout.columns || 80) * 2)}${end}`);
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    return await orAbort(
      new Promise<string>((resolve) => {
        lines.once('line', resolve);
        lines.once('close', () => resolve(''));
      }),
      run.interrupt.signal,
    );
  } finally {
    lines.close();
    stdin.unref?.();
  }
}
