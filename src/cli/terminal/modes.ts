/**
 * Which modes of the terminal a program has switched on and not off again: what has to be put back
 * when it goes without doing so. Pure. Modes as in xterm's control sequences (DECSET).
 */

/** Cursor keys, mouse, focus, alternate screen, bracketed paste: off is how a shell expects them. */
const WATCHED = [1, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1047, 1049, 2004] as const;
const CURSOR = 25;
const ESC = String.fromCharCode(27);
const SEQUENCE = new RegExp(`${ESC}\\[\\?([\\d;]{1,24})([hl])`, 'gu');
/** Longest sequence that is looked for; the end of a chunk may hold the start of one. */
const CARRY = 32;

export class ScreenModes {
  readonly #on = new Set<number>();
  #isCursorHidden = false;
  #carry = '';

  /** Takes in what was written to the terminal. */
  watch(chunk: Buffer): void {
    const text = this.#carry + chunk.toString('latin1');
    for (const [, numbers = '', end] of text.matchAll(SEQUENCE)) {
      for (const mode of numbers.split(';').map(Number)) this.#set(mode, end === 'h');
    }
    // Applying a sequence twice does no harm; the order of the last ones is kept.
    this.#carry = text.slice(-CARRY);
  }

  #set(mode: number, on: boolean): void {
    if (mode === CURSOR) this.#isCursorHidden = !on;
    else if (!(WATCHED as readonly number[]).includes(mode)) return;
    else if (on) this.#on.add(mode);
    else this.#on.delete(mode);
  }

  /** What to write to be back where a shell expects to be; empty if all is well. */
  get undo(): string {
    const modes = [...this.#on].map((mode) => `${ESC}[?${mode}l`).join('');
    const cursor = this.#isCursorHidden ? `${ESC}[?${CURSOR}h` : '';
    return modes || cursor ? `${modes}${cursor}${ESC}[0m${ESC}>\r\n` : '';
  }
}
