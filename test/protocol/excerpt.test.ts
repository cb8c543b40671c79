import { describe, expect, it } from 'vitest';
import { excerptOf, sortSessions } from '../../src/protocol/excerpt.ts';
import { host, sample, session } from '../cli/samples.ts';

const viewer = {
  ...{ id: 'v1', ref: 'xpra:1@alpha', hostKey: 'k-alpha', backend: 'xpra', localId: '1', seat: ':0' },
  ...{ since: 1, state: 'shown' as const },
};
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);

describe('sessions by where they are shown', () => {
  it('knows what is shown here by viewer, host id, key and name', () => {
    const shown = (localId: string, watchers: object[]) =>
      session(`s${localId}`, 'alpha', { localId, watchers });
    const sorted = sortSessions(
      sample({
        viewers: [viewer],
        sessions: [
          shown('1', []),
          shown('2', [{ viewerId: 'v1' }]),
          shown('3', [{ hostId: 'id-here' }]),
          shown('4', [{ host: 'k-here' }]),
          shown('5', [{ host: 'here' }]),
          shown('6', [{ host: 'gamma' }, {}]),
          shown('7', []),
        ],
      }),
    );
    expect(names(sorted.here)).toEqual(['s1', 's2', 's3', 's4', 's5']);
    expect(names(sorted.elsewhere)).toEqual(['s6']);
    expect(names(sorted.detached)).toEqual(['s7']);
  });

  it('does not count a viewer that is closing', () => {
    const sessions = [session('s', 'alpha', { localId: '1' })];
    const closing = { ...viewer, state: 'closing' as const };
    expect(names(sortSessions(sample({ sessions, viewers: [closing] })).detached)).toEqual(['s']);
  });
});

describe('an excerpt', () => {
  it('has the first of everything, and how much there is', () => {
    const advert = { hostId: 'x', agentId: 'y', revision: 1, sessions: [] };
    const whole = sample({
      hosts: [host('a', { adverts: [advert] }), host('b'), host('c'), ...sample().hosts],
      sessions: [
        session('shown', 'a', { localId: '1', watchers: [{ host: 'b' }] }),
        session('old', 'a', { localId: '2', startedAt: 1 }),
        session('new', 'c', { localId: '3', startedAt: 2 }),
      ],
    });
    const part = excerptOf(whole, { hosts: 2, sessions: 2 });
    expect(names(part.sessions)).toEqual(['new', 'old']);
    expect(names(part.hosts)).toEqual(['a', 'b', 'here']);
    expect(part.hosts[0]?.adverts).toEqual([]);
    expect(part.totals).toEqual({
      ...{ hosts: 6, detached: 2, elsewhere: 1, here: 0 },
      counts: { 'k-a': 2, 'k-b': 0, 'k-here': 0 },
    });
    expect(whole.hosts[0]?.adverts).toEqual([advert]);
  });
});
