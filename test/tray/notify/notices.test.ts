import { describe, expect, it } from 'vitest';
import type { Host } from '../../../src/model/host.ts';
import type { HostSession } from '../../../src/model/session.ts';
import type { SessionEnd } from '../../../src/model/session-end.ts';
import type { Viewer } from '../../../src/model/viewer.ts';
import type { SeatEvent, Snapshot } from '../../../src/protocol/api.ts';
import { NOTHING_KNOWN } from '../../../src/tray/notify/known.ts';
import type { Notice } from '../../../src/tray/notify/notice.ts';
import { type NoticeInput, notices } from '../../../src/tray/notify/notices.ts';

const ME = { hostId: 'ME', host: 'me' };
const BETA = { hostId: 'B', host: 'beta' };

function host(key: string, state: Host['state']): Host {
  return { key, name: key, addresses: [], finders: ['mdns'], state, adverts: [] };
}
function session(name: string, hostKey = 'alpha'): HostSession {
  const ref = `xpra:${name}@${hostKey}`;
  return {
    ...{ backend: 'xpra', localId: name, name, kind: 'app', watchers: [], state: 'live' },
    ...{ hostKey, host: hostKey, ref },
  };
}
function viewer(ref: string, state: Viewer['state'] = 'shown'): Viewer {
  return { id: 'v', ref, hostKey: 'alpha', backend: 'xpra', localId: '1', seat: ':0', since: 0, state };
}
function look(
  sessions: HostSession[],
  alpha: Host['state'] | 'gone' = 'agent',
  viewers: Viewer[] = [],
): NoticeInput {
  const hosts = [
    host('me', 'local'),
    ...(alpha === 'gone' ? [] : [host('alpha', alpha)]),
    host('beta', 'agent'),
  ];
  const snapshot: Snapshot = { self: 'me', hosts, sessions, viewers, seats: [] };
  return { kind: 'snapshot', snapshot };
}
const seat = (event: Partial<SeatEvent> & Pick<SeatEvent, 'what'>): NoticeInput => ({
  kind: 'seat',
  event: { seat: ':0', ref: 'xpra:calc@alpha', name: 'calc', host: 'alpha', by: BETA, ...event },
});

/** Feeds inputs, a tick whenever one is due; what was told, with the time of it. */
class Teller {
  state = NOTHING_KNOWN;
  now = 0;
  readonly said: string[] = [];
  last: Notice | undefined;
  #next: number | undefined;

  feed(input: NoticeInput): void {
    const { state, notices: out, next } = notices(this.state, input, this.now, ':0');
    this.state = state;
    this.#next = next;
    for (const notice of out) {
      this.said.push(`${notice.kind}: ${notice.text}`);
      this.last = notice;
    }
  }

  pass(ms: number): void {
    const end = this.now + ms;
    while (this.#next !== undefined && this.#next <= end) {
      this.now = Math.max(this.now, this.#next);
      this.feed({ kind: 'tick' });
    }
    this.now = end;
  }
}

function teller(...inputs: NoticeInput[]): Teller {
  const made = new Teller();
  for (const input of inputs) made.feed(input);
  return made;
}

describe('sessions that end', () => {
  it('are told after a moment, those of one host together', () => {
    const t = teller(look(['a', 'b', 'c', 'd', 'e', 'f'].map((n) => session(n))));
    t.feed(look(['b', 'c', 'd', 'e', 'f'].map((n) => session(n))));
    expect(t.said).toEqual([]);
    t.pass(500);
    t.feed(look([]));
    t.pass(5000);
    expect(t.said).toEqual(['ended: Ended on alpha: a, b, c and 3 more.']);
    t.pass(100_000);
    expect(t.said).toHaveLength(1);
  });

  it('are told of each host apart', () => {
    const t = teller(look([session('a'), session('b', 'beta')]), look([]));
    t.pass(5000);
    expect(t.said).toEqual(['ended: Ended on alpha: a.', 'ended: Ended on beta: b.']);
  });

  it('are no news when they were stopped from here, nor before there was anything to lose', () => {
    const t = teller(look([]), look([session('calc')]), seat({ what: 'stopped', by: ME }), look([]));
    t.pass(5000);
    expect(t.said).toEqual([]);
    const later = teller(look([session('calc')]), seat({ what: 'stopped', by: ME }));
    // It did not stop then; that it ends much later is news.
    later.pass(100_000);
    later.feed(look([]));
    later.pass(5000);
    expect(later.said).toHaveLength(1);
    // The next one with that identifier is another one, though the word of a stop may come twice.
    t.feed(seat({ what: 'stopped', by: ME }));
    t.feed(look([session('calc')]));
    t.feed(look([]));
    t.pass(5000);
    expect(t.said).toHaveLength(1);
  });

  it('are no news when they are back at once, or when the agent is another one', () => {
    const t = teller(look([session('a')]), look([]), look([session('a')]));
    t.pass(5000);
    t.feed({ kind: 'reset' });
    t.feed(look([]));
    t.pass(5000);
    expect(t.said).toEqual([]);
  });
});

describe('how a session ended', () => {
  const end = (name: string, how: Partial<SessionEnd>, hostKey = 'alpha'): NoticeInput => ({
    kind: 'end',
    event: {
      ...{ backend: 'xpra', localId: name, ref: `xpra:${name}@${hostKey}` },
      end: { lines: [], ...how },
    },
  });

  it('is told with it, whichever comes first, and with what it said last', () => {
    const t = teller(look([session('a')]), look([]));
    t.pass(1000);
    t.feed(end('a', { code: 2, lines: ['one', 'two'] }));
    t.pass(5000);
    expect(t.said).toEqual(['ended: Ended on alpha: a (exit code 2).']);
    expect(t.last?.lines).toEqual(['one', 'two']);
    t.feed(look([session('b')]));
    t.feed(end('b', { signal: 'SIGSEGV' }));
    t.pass(5000);
    expect(t.said).toHaveLength(1);
    t.feed(look([]));
    t.pass(5000);
    expect(t.said.slice(1)).toEqual(['ended: Ended on alpha: b (SIGSEGV).']);
    expect(t.last?.lines).toBeUndefined();
  });

  it('is told of several in one line, without their words', () => {
    const t = teller(look([session('a'), session('b'), session('c')]));
    t.feed(end('a', { code: 1, lines: ['x'] }));
    t.feed(end('b', { code: 0, lines: ['y'] }));
    t.feed(look([]));
    t.pass(5000);
    expect(t.said).toEqual(['ended: Ended on alpha: a (exit code 1), b, c.']);
    expect(t.last?.lines).toBeUndefined();
  });

  it('is no news when somebody saw it end as it should, and is when nobody did or it failed', () => {
    const open = [viewer('xpra:a@alpha')];
    const closed = teller(look([session('a')], 'agent', open));
    closed.pass(1_000_000);
    // The viewer may be seen to go before the session.
    closed.feed(look([session('a')]));
    closed.pass(5000);
    closed.feed(look([]));
    closed.feed(end('a', { code: 0 }));
    closed.pass(5000);
    expect(closed.said).toEqual([]);

    const watched = { ...session('a'), watchers: [{ host: 'beta' }] };
    const elsewhere = teller(look([watched]), look([]), end('a', { code: 0 }));
    elsewhere.pass(5000);
    expect(elsewhere.said).toEqual([]);

    const unseen = teller(look([session('a')], 'agent', open), look([session('a')]));
    unseen.pass(60_000);
    unseen.feed(look([]));
    unseen.feed(end('a', { code: 0, lines: ['done'] }));
    unseen.pass(5000);
    expect(unseen.said).toEqual(['ended: Ended on alpha: a.']);
    expect(unseen.last?.lines).toBeUndefined();

    const failed = teller(look([session('a')], 'agent', open), look([]), end('a', { code: 1 }));
    failed.pass(5000);
    expect(failed.said).toEqual(['ended: Ended on alpha: a (exit code 1).']);
  });

  it('is forgotten after a minute, and however many are told of', () => {
    const t = teller(look([session('a')]), end('a', { code: 1 }));
    t.pass(100_000);
    for (let n = 0; n < 1000; n += 1) t.feed(end(`other ${n}`, { code: 1 }));
    expect(t.state.ends.size).toBeLessThanOrEqual(101);
    t.feed(look([]));
    t.pass(5000);
    expect(t.said).toEqual(['ended: Ended on alpha: a.']);
  });
});

describe('a host', () => {
  const ten = Array.from({ length: 10 }, (_, n) => session(`s${n}`));
  it('that is lost with ten sessions is told once, and when it is back', () => {
    const t = teller(look(ten), look([], 'unreachable'));
    t.pass(5000);
    expect(t.said).toEqual([]);
    t.feed(look([], 'gone'));
    t.pass(5000);
    expect(t.said).toEqual([
      'hosts: Not reachable: alpha, with s0, s1, s2 and 7 more. What runs there goes on.',
    ]);
    t.pass(1_000_000);
    t.feed(look(ten.slice(0, 1)));
    t.pass(5000);
    expect(t.said.slice(1)).toEqual(['hosts: Reachable again: alpha, with s0.']);
  });

  it('that is away for a moment is not told at all', () => {
    const t = teller(look(ten), look([], 'unreachable'));
    t.pass(3000);
    t.feed(look(ten, 'agent'));
    t.pass(60_000);
    t.feed(look([], 'connecting'));
    t.feed(look(ten, 'agentless'));
    t.pass(60_000);
    expect(t.said).toEqual([]);
  });

  it('that had no session, or was never reached, is not missed', () => {
    const t = teller(look([]), look([], 'unreachable'), look([], 'gone'));
    t.pass(60_000);
    const other = teller(look(ten, 'untrusted'), look([], 'gone'));
    other.pass(60_000);
    expect([...t.said, ...other.said]).toEqual([]);
  });
});

describe('a session that somebody opened here', () => {
  it('is told with who did it, and can be sent back to where it was', () => {
    const t = teller(look([session('calc')]), seat({ what: 'opened', from: 'gamma' }));
    expect(t.said).toEqual(['opened: Opened here from beta: calc on alpha.']);
    expect(t.last?.options).toEqual([
      { id: 'keep', label: 'Keep' },
      { id: 'back', label: 'Send back', action: { do: 'send', ref: 'xpra:calc@alpha', to: 'gamma' } },
    ]);
    t.feed(seat({ what: 'opened' }));
    expect(t.last?.options[1]?.action).toMatchObject({ to: 'beta' });
    expect(t.state.open).toHaveLength(1);
  });

  it('stays to be decided, however long, until it is, or the session is elsewhere', () => {
    const calc = session('calc');
    const shown = look([calc], 'agent', [viewer(calc.ref)]);
    const t = teller(shown, seat({ what: 'opened' }));
    t.pass(100 * 24 * 3_600_000);
    t.feed(shown);
    expect(t.state.open).toHaveLength(1);
    // Its host is away for a while.
    t.feed(look([], 'unreachable'));
    expect(t.state.open).toHaveLength(1);
    t.feed(shown);
    t.feed({ kind: 'chosen', key: 'session xpra:calc@alpha' });
    expect(t.state.open).toEqual([]);
    const moved = teller(shown, seat({ what: 'opened' }), look([calc]));
    expect(moved.state.open).toEqual([]);
    const ended = teller(shown, seat({ what: 'opened' }), look([]));
    expect(ended.state.open).toEqual([]);
  });

  it('at another seat of this machine is that seat’s to tell', () => {
    expect(teller(seat({ what: 'opened', seat: ':1' })).said).toEqual([]);
  });
});

describe('a session that was taken', () => {
  it('is told with where it is, by whom, and can be taken back', () => {
    const calc = session('calc');
    const t = teller(look([calc], 'agent', [viewer(calc.ref)]));
    t.feed(seat({ what: 'taken', asked: { hostId: 'G', host: 'gamma' } }));
    expect(t.said).toEqual(['moved: Moved to beta, by gamma: calc on alpha.']);
    expect(t.last?.options[1]).toEqual({
      ...{ id: 'take', label: 'Take back' },
      action: { do: 'open', ref: calc.ref, mode: 'take' },
    });
    // Its viewer here takes a moment to end.
    t.feed(look([calc], 'agent', [viewer(calc.ref, 'closing')]));
    expect(t.state.open).toHaveLength(1);
    t.feed(look([calc], 'agent', [viewer(calc.ref)]));
    expect(t.state.open).toEqual([]);
    t.feed(seat({ what: 'taken', asked: BETA }));
    expect(t.said.at(-1)).toBe('moved: Moved to beta: calc on alpha.');
  });
});

it('keeps few choices and forgets what is over, whatever comes', () => {
  const t = teller(look([session('a')]));
  for (let n = 0; n < 100; n += 1) t.feed(seat({ what: 'taken', ref: `xpra:${n}@alpha` }));
  expect(t.state.open.length).toBeLessThanOrEqual(10);
  for (let n = 0; n < 1000; n += 1) {
    t.feed(look([session(`s${n}`)]));
    t.pass(2000);
  }
  expect(t.state.sessions?.size).toBe(1);
  expect(t.state.ended.length).toBeLessThan(3);
});

describe('a host that said that it goes to sleep', () => {
  it('is not lost, nor back, and what ran there has not ended', () => {
    const told = teller(look([session('calc')]), look([session('calc')], 'asleep'));
    told.pass(60_000);
    told.feed(look([], 'unreachable'));
    told.pass(60_000);
    expect(told.said).toEqual([]);
    told.feed(look([session('calc')]));
    told.feed(look([session('calc')], 'asleep'));
    told.pass(60_000);
    told.feed(look([session('calc')]));
    told.pass(60_000);
    expect(told.said).toEqual([]);
  });

  it('is told of what is not there any more when it is back', () => {
    const told = teller(look([session('calc')]), look([session('calc')], 'asleep'), look([]));
    told.pass(60_000);
    expect(told.said).toEqual(['ended: Ended on alpha: calc.']);
  });

  it('is lost no more where it was about to be told so', () => {
    const told = teller(look([session('calc')]), look([], 'unreachable'));
    told.pass(1000);
    told.feed(look([], 'asleep'));
    told.pass(60_000);
    expect(told.said).toEqual([]);
  });
});
