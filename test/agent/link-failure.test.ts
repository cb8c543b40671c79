import { describe, expect, it } from 'vitest';
import { asleepError, failedAnswer, needsUser, pauseAfter } from '../../src/agent/link-failure.ts';
import type { Answer } from '../../src/catalogue/reduce.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import type { Session } from '../../src/model/session.ts';

const session: Session = {
  ...{ backend: 'tmux', localId: '1', name: 'build', kind: 'terminal', watchers: [], state: 'live' },
};
const before: Answer = {
  ...{ state: 'agent', hostId: 'A', hostName: 'alpha', version: '1', sessions: [session] },
  backends: { tmux: '3' },
};
const down = new HotdeskError('host-unreachable', 'No route.', { hint: 'Is it on?' });

describe('a host that cannot be reached', () => {
  it('keeps who it is, and loses what was known of what runs there', () => {
    expect(failedAnswer(before, down, false)).toEqual({
      ...{ state: 'unreachable', hostId: 'A', hostName: 'alpha', sessions: [] },
      problem: { code: 'host-unreachable', message: 'No route.', hint: 'Is it on?' },
    });
  });

  it.each(['host-key-unknown', 'host-key-changed', 'host-key-revoked', 'auth-failed'] as const)(
    'for %s waits for the user, a minute at the least',
    (code) => {
      const error = new HotdeskError(code, 'No.');
      expect(needsUser(error)).toBe(true);
      expect(failedAnswer(before, error, false)).toMatchObject({ state: 'untrusted', problem: { code } });
      expect(pauseAfter(error, 1)).toBe(60_000);
    },
  );

  it('that sleeps keeps what it said, marked', () => {
    const error = asleepError('alpha', down);
    expect(failedAnswer(before, error, true)).toEqual({
      ...before,
      ...{ state: 'asleep', sessions: [{ ...session, stale: true }] },
      problem: { code: 'host-unreachable', message: 'alpha is asleep.', hint: error.hint },
    });
    expect(error.cause).toBe(down);
  });

  it('is tried again less and less often, and never less than twice a minute', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 1000].map((failures) => pauseAfter(down, failures));
    expect(pauses).toEqual([1000, 2000, 5000, 10_000, 30_000, 30_000, 30_000]);
  });
});
