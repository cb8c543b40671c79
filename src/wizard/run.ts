/** Goes through the steps in order, by a view. */
import { cancelled, throwIfAborted } from '../kernel/abort.ts';
import { type Clock, systemClock } from '../kernel/clock.ts';
import { type HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import type { Outcome, Report, Step, StepId, View } from './wizard.ts';

export interface RunOptions {
  /** Left out without a look. */
  readonly skip?: ReadonlySet<StepId> | undefined;
  readonly signal: AbortSignal;
  readonly clock?: Clock | undefined;
}

export interface RunResult {
  readonly outcomes: ReadonlyMap<StepId, Outcome>;
  /** The view said stop: steps without an outcome were not come to. */
  readonly stopped: boolean;
}

/** A view hears at least this often that something goes on, in ms. */
const BEAT_MS = 900;

/**
 * Runs the steps.
 * @throws HotdeskError `cancelled` when the signal aborts, and whatever the view throws; what was
 * done until then is in the journal, and a further run takes it up
 */
export async function runSteps(steps: readonly Step[], view: View, options: RunOptions): Promise<RunResult> {
  const clock = options.clock ?? systemClock;
  const outcomes = new Map<StepId, Outcome>();
  for (const [index, step] of steps.entries()) {
    throwIfAborted(options.signal);
    const began = clock.now();
    if (!options.skip?.has(step.id)) {
      view.event({ event: 'step', step: step.id, title: step.title, number: index + 1, of: steps.length });
    }
    const outcome = options.skip?.has(step.id)
      ? ({ how: 'skipped' } as const)
      : await oneStep(step, view, options.signal, clock);
    if (outcome === 'stop') return { outcomes, stopped: true };
    outcomes.set(step.id, outcome);
    view.event({ event: 'outcome', step: step.id, outcome, ms: Math.round(clock.now() - began) });
  }
  return { outcomes, stopped: false };
}

async function oneStep(step: Step, view: View, signal: AbortSignal, clock: Clock): Promise<Outcome | 'stop'> {
  for (;;) {
    const tried = await attempt(step, view, signal, clock);
    if (tried === 'stop' || (tried.how !== 'failed' && tried.how !== 'blocked')) return tried;
    if (tried.how === 'blocked' && tried.needs !== undefined) return tried;
    const choice = await view.failed(step, tried.error, signal);
    if (choice === 'stop') return 'stop';
    if (choice === 'skip') return tried;
  }
}

async function attempt(step: Step, view: View, signal: AbortSignal, clock: Clock): Promise<Outcome | 'stop'> {
  try {
    const look = await withBeat(step, view, clock, 'looking', () => step.look(signal));
    view.event({ event: 'looked', step: step.id, look });
    if (look.state === 'done') return { how: 'already', lines: look.facts };
    if (look.state === 'blocked') return { how: 'blocked', error: look.why, needs: look.needs };
    const explanation = await withBeat(step, view, clock, 'looking', () => step.explain(signal));
    const answers = await asked(() => view.ask(step, explanation, signal));
    if (answers === 'stop') return 'stop';
    if (answers === 'skip') return { how: 'skipped' };
    view.event({ event: 'doing', step: step.id });
    return await withBeat(step, view, clock, step.title, async (report) => {
      if ((await step.do(answers, report, signal)) === 'declined') return { how: 'declined' };
      return { how: 'done', lines: await step.verify(report, signal) };
    });
  } catch (thrown) {
    if (thrown instanceof ViewFailure) throw thrown.error;
    if (signal.aborted) throw cancelled(signal);
    return { how: 'failed', error: toHotdeskError(thrown) };
  }
}

/** What the view itself throws ends the run; what a step throws is a step that failed. */
class ViewFailure extends Error {
  readonly error: HotdeskError;
  constructor(thrown: unknown) {
    super();
    this.error = toHotdeskError(thrown);
  }
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    throw new ViewFailure(thrown);
  }
}

/** Runs `work`; the view hears what it reports, and again what it reported last whenever nothing came for a while. */
async function withBeat<T>(
  step: Step,
  view: View,
  clock: Clock,
  first: string,
  work: (report: Report) => Promise<T>,
): Promise<T> {
  const began = clock.now();
  let text = first;
  let cancel = () => {};
  const say = () => {
    cancel();
    view.event({ event: 'progress', step: step.id, text, ms: Math.round(clock.now() - began) });
    cancel = clock.after(BEAT_MS, say);
  };
  cancel = clock.after(BEAT_MS, say);
  try {
    return await work((said) => {
      text = said;
      say();
    });
  } finally {
    cancel();
  }
}
