/** Runs steps in order; when one fails, or the user stops it, undoes what was done, last first. */
import { throwIfAborted } from '../kernel/abort.ts';
import { toHotdeskError } from '../kernel/errors.ts';

export interface Step {
  /** For progress and for the log: "open the viewer". */
  readonly name: string;
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Puts back what `run` changed. Called only if `run` succeeded, and never with an aborted signal. */
  readonly undo?: () => Promise<void>;
}

export interface StepsOptions {
  readonly signal: AbortSignal;
  readonly report?: (text: string) => void;
  /** A failing undo is told here; the other undos still run. */
  readonly onUndoFailure?: (step: string, error: unknown) => void;
}

/** @throws the error of the step that failed, after the undo of those before it */
export async function runSteps(steps: readonly Step[], options: StepsOptions): Promise<void> {
  const done: Step[] = [];
  try {
    for (const step of steps) {
      throwIfAborted(options.signal);
      options.report?.(step.name);
      await step.run(options.signal);
      done.push(step);
    }
  } catch (error) {
    for (const step of done.reverse()) {
      try {
        await step.undo?.();
      } catch (failure) {
        options.onUndoFailure?.(step.name, failure);
      }
    }
    throw toHotdeskError(error);
  }
}
