import { createInterface } from 'node:readline';
import { orAbort } from '../kernel/abort.ts';
import { fit as clip, sanitise } from '../kernel/text.ts';
import type { Run } from './shell.ts';

/** Asks a person yes or no; anything but yes is no. @throws HotdeskError `cancelled` */
export async function isAgreed(run: Run, question: string): Promise<boolean> {
  const { stdin, stderr, stdout } = run.shell.streams;
  stderr.write(`${clip(sanitise(question), (stdout.columns || 80) * 2)} [y/N] `);
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    const answer = await orAbort(
      new Promise<string>((resolve) => {
        lines.once('line', resolve);
        lines.once('close', () => resolve(''));
      }),
      run.interrupt.signal,
    );
    return /^\s*y(?:es)?\s*$/iu.test(answer);
  } finally {
    lines.close();
    stdin.unref?.();
  }
}
