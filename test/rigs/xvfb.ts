/** A display of a test's own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export interface Display {
  /** `:99` */
  readonly name: string;
  end(): Promise<void>;
}

/** Starts an Xvfb on the first free display. @param size as `-screen 0` takes it */
export async function startXvfb(size = '1024x600x24', args: readonly string[] = []): Promise<Display> {
  const child = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', size, '-nolisten', 'tcp', '-noreset', ...args],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  const ready = child.stdio[3] as Readable;
  const number = await new Promise<string>((resolve, reject) => {
    let text = '';
    ready.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.trim());
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
  });
  return {
    name: `:${number}`,
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
