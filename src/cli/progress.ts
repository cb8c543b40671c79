/** What the agent is doing, on stderr, once it takes more than a second. */
import { fit as clip, sanitise } from '../kernel/text.ts';

/** Before that nothing is shown, in ms. */
const DELAY_MS = 1000;
const CLEAR_LINE = '\r\x1b[K';

export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** On a terminal one line that is rewritten and vanishes at the end; elsewhere a line a stage. */
export class Progress {
  readonly #open: () => ProgressOutput;
  readonly #timer: NodeJS.Timeout;
  #text: string;
  #isShown = false;
  #held = 0;

  /** @param open gives the output; called only when there is something to say, since opening stderr takes its time */
  constructor(open: () => ProgressOutput, first: string, delayMs = DELAY_MS) {
    this.#open = open;
    this.#text = first;
    this.#timer = setTimeout(() => {
      this.#isShown = true;
      this.#draw();
    }, delayMs);
    this.#timer.unref();
  }

  report(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    if (this.#isShown) this.#draw();
  }

  /** Off the screen while a person is asked; the answer puts it back. */
  hold(): () => void {
    if (this.#isShown && this.#out.isTTY) this.#out.write(CLEAR_LINE);
    this.#held += 1;
    return () => {
      this.#held -= 1;
      if (this.#isShown) this.#draw();
    };
  }

  end(): void {
    clearTimeout(this.#timer);
    if (this.#isShown && this.#out.isTTY) this.#out.write(CLEAR_LINE);
    this.#isShown = false;
  }

  get #out(): ProgressOutput {
    return this.#open();
  }

  #draw(): void {
    if (this.#held > 0) return;
    const text = `${sanitise(this.#text)} …`;
    if (this.#out.isTTY) this.#out.write(`${CLEAR_LINE}${clip(text, (this.#out.columns || 80) - 1)}`);
    else this.#out.write(`${text}\n`);
  }
}
