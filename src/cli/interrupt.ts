/**
 * Ctrl-C: the first one asks the agent to stop and undo, and is given a few seconds; the second
 * quits at once. SIGTERM and SIGHUP do what the first one does.
 */
import { EXIT, HotdeskError } from '../kernel/errors.ts';

/** How long the agent may take to undo, in ms. */
const UNDO_MS = 8000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface InterruptDeps {
  readonly process: Pick<NodeJS.Process, 'on' | 'off' | 'exit'>;
  /** Called once, with the first. */
  readonly onStopping: () => void;
}

export class Interrupt {
  readonly #deps: InterruptDeps;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #paused = false;

  constructor(deps: InterruptDeps) {
    this.#deps = deps;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  listen(): void {
    for (const name of SIGNALS) this.#deps.process.on(name, this.#received);
  }

  end(): void {
    clearTimeout(this.#timer);
    for (const name of SIGNALS) this.#deps.process.off(name, this.#received);
  }

  /** While another program has the terminal, Ctrl-C is for that program. */
  async paused<T>(work: () => Promise<T>): Promise<T> {
    this.#paused = true;
    try {
      return await work();
    } finally {
      this.#paused = false;
    }
  }

  readonly #received = (name: NodeJS.Signals): void => {
    if (this.#paused && name === 'SIGINT') return;
    if (this.#controller.signal.aborted) this.#deps.process.exit(EXIT.cancelled);
    this.#timer = setTimeout(() => this.#deps.process.exit(EXIT.cancelled), UNDO_MS);
    this.#timer.unref();
    this.#deps.onStopping();
    this.#controller.abort(new HotdeskError('cancelled', 'Stopped.'));
  };
}
