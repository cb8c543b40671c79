/** `hotdesk setup --undo HOST`. */
import { HotdeskError } from '../../kernel/errors.ts';
import type { SetupDeps } from '../../wizard/deps.ts';
import { type Undone, undoSetup } from '../../wizard/undo.ts';
import { isAgreed } from '../ask.ts';
import type { Run } from '../shell.ts';
import type { SetupFlags } from './flags.ts';
import { frontOf, type ViewDeps } from './front.ts';
import { Results } from './results.ts';

/** Takes back what setup changed for the host, telling each thing. @throws HotdeskError why not; another run goes on */
export async function undo(
  run: Run,
  host: string,
  flags: SetupFlags,
  deps: (view: ViewDeps) => SetupDeps,
): Promise<void> {
  const isAsked = run.console.isInteractive && !flags.yes && !flags.json;
  if (isAsked && !(await isAgreed(run, `Take back everything that setup did for ${host}?`))) {
    throw new HotdeskError('cancelled', 'Nothing was taken back.');
  }
  const controller = new AbortController();
  const stopped = () => controller.abort(new HotdeskError('cancelled', 'Stopped.'));
  const { signal } = run.interrupt;
  signal.addEventListener('abort', stopped, { once: true });
  // It may have been stopped while it was loaded.
  if (signal.aborted) stopped();
  const title = `Taking back what setup did for ${host}`;
  const front = await frontOf(run, flags, { title, given: {}, results: new Results(), stopped });
  const undone: Undone[] = [];
  const tell = (one: Undone) => {
    undone.push(one);
    front.told(one.lines);
  };
  try {
    await undoSetup(deps(front.deps), (text) => front.progress(text), tell, controller.signal);
  } finally {
    front.clear();
    signal.removeEventListener('abort', stopped);
  }
  if (!flags.json) return front.end(`${host} is as it was before setup.`);
  const steps = undone.map(({ step, lines }) => ({ step, lines: lines.map(({ text }) => text) }));
  run.console.json({ host, undone: steps });
}
