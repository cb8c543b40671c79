/** `setup --undo`: takes back, for one host, exactly what setup changed for it. */
import { HotdeskError } from '../kernel/errors.ts';
import type { SetupDeps } from './deps.ts';
import { closeVisit, createVisit, stepsOf } from './setup.ts';
import { placeFor, rowsFor } from './steps/host.ts';
import type { Line, Report, StepId } from './wizard.ts';

export interface Undone {
  readonly step: StepId;
  readonly lines: readonly Line[];
}

/**
 * Goes backwards through the steps. May be run again after it was cut short: what is left is in the journal.
 * @param deps with `host`
 * @param onUndone told after each step that had something to take back
 * @throws HotdeskError `unknown-host` where setup changed nothing for that host (with those for which it did);
 * why something could not be taken back
 */
export async function undoSetup(
  deps: SetupDeps,
  report: Report,
  onUndone: (undone: Undone) => void,
  signal: AbortSignal,
): Promise<void> {
  const visit = createVisit(deps);
  try {
    const host = deps.host ?? '';
    // Found by the same name, port and addresses as when it was set up.
    const place = await placeFor(visit, host, await rowsFor(visit, host, signal), signal);
    const all = await visit.journal.entries();
    const mine = all.filter((entry) => entry.host === place.id);
    if (mine.length === 0) throw nothingToUndo(place.name, [...new Set(all.map((entry) => entry.host))]);
    visit.place = place;
    for (const step of [...stepsOf(visit)].reverse()) {
      if (!mine.some((entry) => entry.step === step.id)) continue;
      const lines = await step.undo(report, signal);
      onUndone({ step: step.id, lines });
    }
    await deps.agent.leaveHost(place.name);
  } finally {
    await closeVisit(visit);
  }
}

function nothingToUndo(name: string, hosts: readonly string[]): HotdeskError {
  return new HotdeskError('unknown-host', `Setup has changed nothing for ${name} that could be taken back.`, {
    candidates: hosts,
    hint: hosts.length > 0 ? `It has for: ${hosts.join(', ')}` : undefined,
  });
}
