/** What became of each step, for the end of a run and for `--json`. Pure. */
import { type ErrorData, EXIT, HotdeskError } from '../../kernel/errors.ts';
import type { Line, Outcome, StepId, WizardEvent } from '../../wizard/wizard.ts';

export interface StepResult {
  readonly step: StepId;
  readonly outcome: Outcome['how'];
  /** Milliseconds, answers included. */
  readonly ms: number;
  /** What is so now. */
  readonly lines: readonly string[];
  readonly error?: ErrorData;
  /** The earlier step without which it could not be done. */
  readonly needs?: StepId;
}

/** Gathers results from the events of a run. */
export class Results {
  readonly #rows: StepResult[] = [];
  #open: StepId | undefined;

  event(event: WizardEvent): void {
    if (event.event === 'step') this.#open = event.step;
    if (event.event !== 'outcome') return;
    this.#open = undefined;
    const { step, outcome, ms } = event;
    this.#rows.push({ step, outcome: outcome.how, ms, lines: linesOf(outcome), ...troubleOf(outcome) });
  }

  /** The step that was under way when the run ended with an error. */
  broken(error: HotdeskError, ms: number): void {
    const step = this.#open;
    if (step === undefined) return;
    this.#open = undefined;
    this.#rows.push({ step, outcome: 'failed', ms, lines: [], error: error.toData() });
  }

  get rows(): readonly StepResult[] {
    return this.#rows;
  }

  /** 0 unless a step failed; of those the first decides. What was left out or said no to is no failure. */
  get exitCode(): number {
    const failed = this.#rows.find((row) => row.error !== undefined && row.needs === undefined);
    return failed?.error ? new HotdeskError(failed.error.code, '').exitCode : EXIT.ok;
  }
}

function linesOf(outcome: Outcome): string[] {
  const lines: readonly Line[] = 'lines' in outcome ? outcome.lines : [];
  return lines.filter(({ kind }) => kind !== 'art').map(({ text }) => text);
}

function troubleOf(outcome: Outcome): Pick<StepResult, 'error' | 'needs'> {
  if (!('error' in outcome)) return {};
  const needs = 'needs' in outcome ? outcome.needs : undefined;
  return { error: outcome.error.toData(), ...(needs ? { needs } : {}) };
}
