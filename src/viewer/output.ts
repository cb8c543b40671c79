/** The end of what a program says, line by line, in bounded memory. */
import { sanitise } from '../kernel/text.ts';

const LINE_LIMIT = 2000;
const LINES_KEPT = 12;
/** remote-viewer's --debug tells every key that is typed: a password at a console may be among them. */
const KEYS_TYPED = /\bkey (?:pressed|released) was\b|\bgdk_keyname=/iu;

export class OutputTail {
  #partial = '';
  #lines: string[] = [];
  #listeners: ((line: string) => void)[] = [];

  push(chunk: Buffer): void {
    // Control sequences and damaged characters do not matter here: what is shown is sanitised.
    const parts = (this.#partial + chunk.toString('utf8')).split(/\r?\n/u);
    this.#partial = (parts.pop() ?? '').slice(-LINE_LIMIT);
    for (const part of parts) {
      const line = part.slice(0, LINE_LIMIT);
      if (line.trim() === '' || KEYS_TYPED.test(line)) continue;
      this.#lines = [...this.#lines, line].slice(-LINES_KEPT);
      for (const listener of this.#listeners) listener(line);
    }
  }

  /** Hears every whole line, those so far included. */
  onLine(listener: (line: string) => void): void {
    for (const line of this.#lines) listener(line);
    this.#listeners.push(listener);
  }

  /** The last lines as one, made safe. */
  lastWords(): string {
    const all =
      this.#partial.trim() === '' || KEYS_TYPED.test(this.#partial)
        ? this.#lines
        : [...this.#lines, this.#partial];
    return sanitise(all.slice(-5).join(' '), 500).replace(/\.$/u, '') || 'it said nothing';
  }
}
