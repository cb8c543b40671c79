/** What is said of a session that was opened here, by whichever part of hotdesk says it. Pure. */
import type { HostSession } from './session.ts';

type Named = Pick<HostSession, 'name' | 'host' | 'ref'>;

/** Of one that was started. */
export function startedHere({ name, host, ref }: Named): string {
  return `${name} runs on ${host} and is shown here (${ref}).`;
}

/** Of one that was there. */
export function shownHere({ name, host }: Named): string {
  return `${name}@${host} is shown here.`;
}
