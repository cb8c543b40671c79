/** How the wizard talks at a terminal: drawn by clack, or plain lines for screen readers. */
import type { Choice, Line } from '../../wizard/wizard.ts';

/** How a step ended, for its mark. */
export type Mark = 'done' | 'skipped' | 'failed';

/** A choice of one; its choices may change while it is asked. */
export interface Selection {
  readonly text: string;
  readonly choices: readonly Choice[];
  readonly default: string;
  /** Calls back with all choices each time they change; the answer ends it. */
  readonly live?: ((onChange: (choices: readonly Choice[]) => void) => () => void) | undefined;
}

export interface TextQuestion {
  readonly text: string;
  readonly default: string;
  /** What is wrong with an answer, as a sentence. */
  readonly check?: ((value: string) => string | undefined) | undefined;
}

/**
 * Every question is answered with undefined by who stops: Ctrl-C, the end of input, or the signal.
 * Text is gated here once more, whoever sanitised it before.
 */
export interface Talk {
  begin(title: string): void;
  step(number: number, of: number, title: string): void;
  lines(lines: readonly Line[]): void;
  /** What goes on, and for how many seconds by now; replaced by the next. Nothing is shown while a question is. */
  progress(text: string, seconds?: number): void;
  /** The terminal is somebody else's now: what goes on is taken off it. */
  clear(): void;
  outcome(mark: Mark, text: string): void;
  confirm(text: string, byDefault: boolean, signal: AbortSignal): Promise<boolean | undefined>;
  select(selection: Selection, signal: AbortSignal): Promise<string | undefined>;
  text(question: TextQuestion, signal: AbortSignal): Promise<string | undefined>;
  /** Not echoed. May be empty. */
  secret(text: string, signal: AbortSignal): Promise<string | undefined>;
  end(text: string): void;
}
