/** What it means that a host cannot be reached: for its row, for who waits, and for the next try. Pure. */
import type { Answer } from '../catalogue/reduce.ts';
import { type ErrorCode, HotdeskError } from '../kernel/errors.ts';
import type { Session } from '../model/session.ts';

const BACKOFF_MS = [1000, 2000, 5000, 10_000, 30_000];
/** A host that does not trust us, or we not it, is left alone this long unless the user asks, in ms. */
const TRUST_PAUSE_MS = 60_000;
const TRUST: readonly ErrorCode[] = [
  'host-key-unknown',
  'host-key-changed',
  'host-key-revoked',
  'auth-failed',
];

/** Only the user can change it: it is not tried again by itself. */
export function needsUser({ code }: HotdeskError): boolean {
  return TRUST.includes(code);
}

/** How long nobody but the user makes it try again, in ms. @param failures in a row, with this one */
export function pauseAfter(error: HotdeskError, failures: number): number {
  if (needsUser(error)) return TRUST_PAUSE_MS;
  return BACKOFF_MS[Math.min(failures, BACKOFF_MS.length) - 1] ?? 30_000;
}

/** @param isAsleep what it said before stays then */
export function failedAnswer(before: Answer, error: HotdeskError, isAsleep: boolean): Answer {
  const { code, message, hint } = error.toData();
  const problem = { code, message, ...(hint ? { hint } : {}) };
  if (isAsleep) return { ...before, state: 'asleep', sessions: unheard(before.sessions), problem };
  const { hostId, hostName } = before;
  return { hostId, hostName, state: needsUser(error) ? 'untrusted' : 'unreachable', sessions: [], problem };
}

/** What runs on a host that sleeps, as it was. */
export function unheard(sessions: readonly Session[]): Session[] {
  return sessions.map((session) => ({ ...session, stale: true }));
}

export function asleepError(name: string, cause: HotdeskError): HotdeskError {
  return new HotdeskError('host-unreachable', `${name} is asleep.`, {
    hint: 'Wake it, and try again. What runs there goes on then.',
    cause,
  });
}
