/** What steps need of those before them. */
import { HotdeskError } from '../../kernel/errors.ts';
import type { Place, Visit } from '../deps.ts';
import { type Far, lookThere } from '../far/far.ts';
import type { Look, StepId } from '../wizard.ts';

const WHY: Readonly<Record<StepId, string>> = {
  machine: 'this machine has been looked at',
  host: 'a host has been picked',
  trust: 'its host key is trusted',
  login: 'we are logged in there',
  key: 'a key of yours is there',
  backends: 'a backend is there',
  agent: 'the agent is there',
  proof: 'all is done',
};

/** The look of a step that cannot be done before another. */
export function needs(step: StepId): Look {
  const why = new HotdeskError('not-supported', `That can be done only when ${WHY[step]}.`, {
    hint: 'Run setup again and take that step.',
  });
  return { state: 'blocked', facts: [], why, needs: step };
}

/** @throws HotdeskError `internal`: the runner does no step whose look was blocked */
export function placeOf(visit: Visit): Place {
  if (!visit.place) throw new HotdeskError('internal', 'No host has been picked.');
  return visit.place;
}

/** The host as a login shows it, looked at once for each connection. @throws HotdeskError as lookThere does */
export async function farOf(visit: Visit, signal?: AbortSignal): Promise<Far> {
  const { connection } = visit;
  if (!connection) throw new HotdeskError('internal', 'Nobody is logged in.');
  if (visit.far?.connection !== connection) visit.far = await lookThere(connection, signal);
  return visit.far;
}
