import { expect, it } from 'vitest';
import { Besides } from '../../src/agent/besides.ts';
import type { Session } from '../../src/model/session.ts';

const session = (backend: string, localId: string, name = localId): Session => ({
  ...{ backend, localId, name, kind: 'terminal', watchers: [], state: 'live' },
});
const AGENT = { sessions: [session('tmux', '1')], backends: { tmux: '3' } };

it('is told with what the agent said', () => {
  const besides = new Besides();
  expect(besides.beside(AGENT)).toEqual(AGENT);
  besides.take({ sessions: [session('mine', '1')], backends: { mine: '2' } }, AGENT.backends);
  expect(besides.beside(AGENT)).toEqual({
    sessions: [session('tmux', '1'), session('mine', '1')],
    backends: { mine: '2', tmux: '3' },
  });
  besides.clear();
  expect(besides.beside(AGENT)).toEqual(AGENT);
});

it('leaves to the agent what that has a profile for, now or since', () => {
  const besides = new Besides();
  besides.take({ sessions: [session('tmux', '7')], backends: {} }, AGENT.backends);
  expect(besides.beside(AGENT).sessions).toEqual(AGENT.sessions);
  besides.take({ sessions: [session('mine', '1', 'ours')], backends: { mine: '2' } }, AGENT.backends);
  const since = { sessions: [session('mine', '1', 'its')], backends: { mine: '3' } };
  expect(besides.beside(since)).toEqual(since);
});

it('says whether it is news', () => {
  const besides = new Besides();
  const found = { sessions: [session('mine', '1')], backends: { mine: '2' } };
  expect(besides.take({ sessions: [], backends: {} }, {})).toBe(false);
  expect(besides.take(found, {})).toBe(true);
  expect(besides.take({ ...found, sessions: [session('mine', '1')] }, {})).toBe(false);
  expect(besides.take({ ...found, sessions: [session('mine', '1', 'renamed')] }, {})).toBe(true);
  expect(besides.take({ sessions: [], backends: {} }, {})).toBe(true);
});
