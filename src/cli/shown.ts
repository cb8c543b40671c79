/** The end of start, attach and move: a viewer opened, or the caller's terminal becomes it. */
import type { ActionResult, ViewMode } from '../protocol/api.ts';
import { actionJson } from './as-json.ts';
import type { Run } from './shell.ts';

export interface View {
  readonly mode: ViewMode;
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** Given by an agent that opened this terminal for a viewer of its own. */
  readonly viewerId?: string | undefined;
}

/** Says what happened, or shows the session in this terminal until it is left. */
export async function show(run: Run, result: ActionResult, view: View): Promise<void> {
  const { attachTerminal } = await import('./terminal/attach.ts');
  await attachTerminal(run, result.session, view);
}

export async function announce(run: Run, result: ActionResult, text: string): Promise<void> {
  const { console } = run;
  if (console.flags.json) {
    const around = await run.call('catalogue', { look: 'none', waitMs: 0 }, 'listing');
    // The list may be a moment behind what the agent has just answered.
    const session = around.sessions.find((s) => s.ref === result.session.ref) ?? result.session;
    console.json(actionJson({ ...result, session }, around));
    return;
  }
  if (!console.flags.quiet) console.print(console.hint(text));
  if (result.timings) console.verbose(timingsOf(result.timings));
}

function timingsOf(timings: Readonly<Record<string, number>>): string {
  return Object.entries(timings)
    .map(([name, ms]) => `${name} ${Math.round(ms)} ms`)
    .join(', ');
}
