/** One run of the wizard: what is told at its end, and how another run goes on. */
import { HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import { runSteps } from '../../wizard/run.ts';
import type { Setup } from '../../wizard/setup.ts';
import type { StepId, View } from '../../wizard/wizard.ts';
import type { Run } from '../shell.ts';
import type { SetupFlags } from './flags.ts';
import { frontOf, type ViewDeps } from './front.ts';
import { answersOf, fingerprintOf, otherKey } from './guard.ts';
import { Results } from './results.ts';

/**
 * Goes through the steps. Sets the exit code.
 * @throws HotdeskError what ended the run; with `--json` it is told beside the steps up to there instead
 */
export async function conduct(
  run: Run,
  host: string | undefined,
  flags: SetupFlags,
  create: (deps: ViewDeps) => Setup,
): Promise<void> {
  const expected = flags.hostKey === undefined ? undefined : fingerprintOf(flags.hostKey);
  if (expected !== undefined && flags.skip?.includes('trust')) throw unlooked();
  const results = new Results();
  const controller = new AbortController();
  const stopped = () => controller.abort(new HotdeskError('cancelled', 'Stopped.'));
  const { signal } = run.interrupt;
  signal.addEventListener('abort', stopped, { once: true });
  // It may have been stopped while it was loaded.
  if (signal.aborted) stopped();
  const title = host === undefined ? 'Setting up a machine' : `Setting up ${host}`;
  const front = await frontOf(run, flags, { title, given: answersOf(expected), results, stopped });
  const view: View = {
    ask: (...args) => front.view.ask(...args),
    failed: (...args) => front.view.failed(...args),
    event: (event) => {
      front.view.event(event);
      const other = expected === undefined ? undefined : otherKey(event, expected);
      if (other) controller.abort(other);
    },
  };
  const setup = create(front.deps);
  const skip = new Set<StepId>(flags.skip ?? []);
  const began = Date.now();
  try {
    const result = await runSteps(setup.steps, view, { skip, signal: controller.signal });
    if (result.stopped) throw new HotdeskError('cancelled', 'Stopped.');
    run.shell.exitCode = results.exitCode;
    if (flags.json) run.console.json({ ...named(setup, host), steps: results.rows });
    else front.end(lastWords(results, setup.name() ?? host ?? 'HOST'));
  } catch (thrown) {
    front.clear();
    // What stopped it, rather than what came of that.
    const { aborted, reason } = controller.signal;
    const error = toHotdeskError(aborted ? reason : thrown);
    results.broken(error, Date.now() - began);
    const told = await howToGoOn(setup, error, host);
    if (!flags.json) throw told;
    run.console.json({ ...named(setup, host), steps: results.rows, error: told.toData() });
    run.shell.exitCode = told.exitCode;
  } finally {
    signal.removeEventListener('abort', stopped);
    await setup.close();
  }
}

function unlooked(): HotdeskError {
  return new HotdeskError(
    'bad-argument',
    '--host-key says which key is right, and --skip trust has nobody look at it.',
    { hint: 'Leave one of them out.' },
  );
}

function named(setup: Setup, host: string | undefined): { host?: string } {
  const name = setup.name() ?? host;
  return name === undefined ? {} : { host: name };
}

/** The end of a run that came through all steps. */
export function lastWords(results: Results, name: string): string {
  const isDone = (outcome: string) => outcome === 'done' || outcome === 'already';
  const left = results.rows.filter((row) => !isDone(row.outcome)).map((row) => row.step);
  const again =
    left.length > 0 ? [`Left out: ${left.join(', ')}. To take it up: \`hotdesk setup ${name}\``] : [];
  if (!results.rows.some((row) => row.step === 'login' && isDone(row.outcome))) {
    return [`${name} is not set up.`, ...again].join('\n');
  }
  return [
    `${name} is ready. Start something there: \`hotdesk start ${name} -- xterm\``,
    ...again,
    `To take all of it back: \`hotdesk setup --undo ${name}\``,
  ].join('\n');
}

/** The same error, its hint saying how to go on, and how to go back where there is anything to take back. */
async function howToGoOn(setup: Setup, error: HotdeskError, host: string | undefined): Promise<HotdeskError> {
  const name = setup.name() ?? host;
  const isChanged = await setup.hasChanges().catch(() => true);
  const hint = [
    ...(error.hint ? [error.hint] : []),
    `Another run goes on from here: \`hotdesk setup${name === undefined ? '' : ` ${name}`}\`.`,
    name === undefined || !isChanged
      ? 'Nothing was changed.'
      : `What was done can be taken back: \`hotdesk setup --undo ${name}\`.`,
  ].join(' ');
  return new HotdeskError(error.code, error.message, { hint, cause: error, candidates: error.candidates });
}
