/** A terminal in this process: what is written is caught, and somebody types when a text is seen. */
import { PassThrough, Writable } from 'node:stream';
import type { Streams } from '../../../src/cli/console.ts';
import { until } from '../../rigs/until.ts';

export class FakeTerminal {
  text = '';
  /** How often echo was switched off, and on again. */
  readonly raw: boolean[] = [];
  readonly #stdin: PassThrough;
  readonly streams: Streams;

  constructor(columns = 80) {
    this.#stdin = new PassThrough();
    const stdin = Object.assign(this.#stdin, {
      isTTY: true,
      setRawMode: (mode: boolean) => void this.raw.push(mode),
    });
    const stdout = new Writable({
      decodeStrings: false,
      write: (chunk: string | Buffer, _encoding, done) => {
        this.text += chunk.toString();
        done();
      },
    });
    const shown = Object.assign(stdout, { isTTY: true, columns, rows: 24 });
    this.streams = { stdin, stdout: shown, stderr: shown };
  }

  type(keys: string): void {
    this.#stdin.write(keys);
  }

  hangUp(): void {
    this.#stdin.end();
  }

  /** Types once the text is there, which was not before. */
  async answer(seen: string, keys: string): Promise<void> {
    await this.shows(seen);
    this.text = this.text.slice(this.text.indexOf(seen) + seen.length);
    this.type(keys);
  }

  async shows(seen: string): Promise<void> {
    await until(`“${seen}” in “${this.text}”`, () => this.text.includes(seen));
  }
}
