import { expect, it } from 'vitest';
import { SeatEvents } from '../../src/agent/seat-events.ts';
import { EVENTS, SeatEvent } from '../../src/protocol/api.ts';
import { sessionOf } from '../actions/fake-context.ts';

const me = { hostId: 'ME', host: 'me' };
const viewer = { ref: 'xpra:100@alpha', seat: ':0' };
const at = { backend: 'xpra', localId: '100' };

function heard() {
  const events = new SeatEvents();
  const all: SeatEvent[] = [];
  const end = events.on((event) => void all.push(SeatEvent.parse(event)));
  return { events, all, end };
}

it('tells what others do here, with names that are safe to show', () => {
  const { events, all, end } = heard();
  const by = { hostId: 'B', host: 'be\u202eta', user: 'x' };
  events.opened(sessionOf(), ':0', by, 'gamma');
  events.taken(viewer, undefined, { ...at, phase: 'done', by, asked: { hostId: 'C', host: '\u0007' } }, me);
  events.stopped(sessionOf({ name: 'calc' }), me);
  end();
  events.stopped(sessionOf(), me);
  const session = { ref: 'xpra:100@alpha', name: 'xterm', host: 'alpha' };
  expect(all).toEqual([
    { what: 'opened', seat: ':0', ...session, by: { hostId: 'B', host: 'be ta' }, from: 'gamma' },
    {
      ...{ what: 'taken', seat: ':0', ...session, name: 'xpra:100@alpha' },
      ...{ by: { hostId: 'B', host: 'be ta' }, asked: { hostId: 'C', host: 'another machine' } },
    },
    { what: 'stopped', ...session, name: 'calc', by: me },
  ]);
});

it('tells other machines’ agents which session of this host is being stopped', () => {
  const { events, all } = heard();
  const told: unknown[] = [];
  const end = events.onStopping((event) => void told.push(event));
  events.stoppingHere(sessionOf(), { hostId: 'C', host: 'ga\u202emma' });
  end();
  events.stoppingHere(sessionOf(), me);
  expect(told).toEqual([{ backend: 'xpra', localId: '100', by: { hostId: 'C', host: 'ga mma' } }]);
  expect(all).toEqual([]);
});

it('keeps quiet about what this machine took from itself, or sent away', () => {
  const { events, all } = heard();
  events.taken(viewer, sessionOf(), { ...at, phase: 'done', by: me }, me);
  const sent = { ...at, phase: 'done' as const, by: { hostId: 'B', host: 'beta' }, asked: me };
  events.taken(viewer, sessionOf(), sent, me);
  expect(all).toEqual([]);
});

it('tells how sessions ended, with last words that are safe to show', () => {
  const { events, all } = heard();
  const told: unknown[] = [];
  const end = events.onEnded((event) => void told.push(event));
  const session = { ...at, ref: 'xpra:100@alpha', isHere: true };
  events.ended({ ...session, end: { code: 2, lines: ['\u001b[31mno\u202e', 'x'.repeat(5000)] } });
  end();
  events.ended({ ...session, end: { lines: [] } });
  const lines = ['[31mno', `${'x'.repeat(199)}…`];
  expect(told).toEqual([{ ...session, end: { code: 2, lines } }]);
  expect(EVENTS.ended.parse(told[0])).toEqual({ ...at, ref: 'xpra:100@alpha', end: { code: 2, lines } });
  expect(all).toEqual([]);
});
