import { describe, expect, it } from 'vitest';
import type { Host } from '../../../src/model/host.ts';
import type { HostSession } from '../../../src/model/session.ts';
import type { Snapshot } from '../../../src/protocol/api.ts';
import { afterSnapshot, NOTHING_KNOWN, type NoticeState } from '../../../src/tray/notify/known.ts';

const host = (key: string, state: Host['state'] = 'agent'): Host => ({
  ...{ key, name: key, addresses: [], finders: ['mdns'], state, adverts: [] },
});
const session = (name: string, more: Partial<HostSession> = {}): HostSession => ({
  ...{ backend: 'xpra', localId: name, name, kind: 'app', watchers: [], state: 'live' },
  ...{ hostKey: 'alpha', host: 'alpha', ref: `xpra:${name}@alpha`, ...more },
});
const all = [host('me', 'local'), host('alpha'), host('beta')];
const look = (sessions: HostSession[], hosts = all, more: Partial<Snapshot> = {}): Snapshot => ({
  ...{ self: 'me', hosts, sessions, viewers: [], seats: [], ...more },
});
const excerpt = (sessions: HostSession[], hosts: Host[], counts: Record<string, number>) =>
  look(sessions, hosts, { totals: { hosts: 3, detached: 9, elsewhere: 0, here: 0, counts } });
const known = (...snapshots: Snapshot[]) =>
  snapshots.reduce((state, snapshot, n) => afterSnapshot(state, snapshot, n * 1000), NOTHING_KNOWN);
const endedIn = ({ ended }: NoticeState) => ended.map(({ name }) => name);

describe('what has ended', () => {
  it('is what was there and is not, on a host that answers, or is dead', () => {
    const two = look([session('one'), session('two')]);
    expect(endedIn(known(two))).toEqual([]);
    expect(endedIn(known(two, look([session('two')])))).toEqual(['one']);
    expect(endedIn(known(two, look([session('one'), session('two', { state: 'dead' })])))).toEqual(['two']);
    expect(endedIn(known(two, look([], [host('me', 'local'), host('alpha', 'unreachable')])))).toEqual([]);
  });

  it('has been seen to end by who looked at it until just before', () => {
    const watched = look([session('one', { watchers: [{ host: 'beta' }] })]);
    expect(known(watched, look([])).ended[0]?.seen).toBe(true);
    expect(known(look([session('one')]), look([])).ended[0]?.seen).toBe(false);
    const left = known(watched, look([session('one')]));
    expect(afterSnapshot(left, look([]), 11_000).ended[0]?.seen).toBe(true);
    expect(afterSnapshot(left, look([]), 11_001).ended[0]?.seen).toBe(false);
  });
});

describe('an excerpt of a large catalogue', () => {
  const first = excerpt([session('one'), session('two')], all, { alpha: 2 });
  it.each([
    ['sessions', excerpt([session('one')], all, { alpha: 2 })],
    ['a host', excerpt([session('one')], all.slice(0, 2), { alpha: 2 })],
    ['all others', excerpt([], all.slice(0, 1), {})],
  ])('that leaves out %s has lost none of it', (_what, second) => {
    const state = known(first, second);
    expect(endedIn(state)).toEqual([]);
    expect([...state.hosts.values()].filter(({ awaySince }) => awaySince !== undefined)).toEqual([]);
    expect([...state.hosts.keys()]).toEqual(['me', 'alpha', 'beta']);
  });

  it('shows what has ended where it lists a host whole', () => {
    expect(endedIn(known(first, excerpt([session('one')], all, { alpha: 1 })))).toEqual(['two']);
  });
});

describe('a choice about a session', () => {
  const withChoice = (kind: 'opened' | 'moved', ...then: Snapshot[]) => {
    const open = [{ key: 'k', kind, text: '', options: [], ref: 'xpra:one@alpha' }];
    const start: NoticeState = { ...known(look([session('one')])), open };
    return (
      then.reduce((state: NoticeState, snapshot) => afterSnapshot(state, snapshot, 2000), start).open
        .length === 1
    );
  };
  const viewer = {
    ...{ id: 'v', ref: 'xpra:one@alpha', hostKey: 'alpha', backend: 'xpra', localId: 'one' },
    ...{ seat: ':0', since: 0, state: 'shown' as const },
  };
  const here = look([session('one')], all, { viewers: [viewer] });
  const leaving = look([session('one')], all, { viewers: [{ ...viewer, state: 'closing' }] });

  it('that was opened here is there while it is shown here; one that was taken, while it is not', () => {
    expect(withChoice('opened', here)).toBe(true);
    expect(withChoice('opened', here, leaving)).toBe(false);
    expect(withChoice('moved', leaving)).toBe(true);
    expect(withChoice('moved', here)).toBe(false);
  });

  it('waits while its host does not answer, and goes with the session', () => {
    expect(withChoice('moved', look([], [host('alpha', 'unreachable')]))).toBe(true);
    expect(withChoice('moved', look([]))).toBe(false);
  });
});
