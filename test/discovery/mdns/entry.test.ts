/** What is asked for one instance, and when. How its answers are taken: link-browser.test.ts. */
import { describe, expect, test } from 'vitest';
import {
  askAfterGoodbye,
  type Entry,
  isOver,
  knownAnswers,
  missingOf,
  nextMoment,
  nextOfEntry,
  reconfirmFrom,
  resolveFrom,
  takeDue,
} from '../../../src/discovery/mdns/entry.ts';
import { hold, sayGoodbye } from '../../../src/discovery/mdns/held.ts';
import { HOTDESK, type ServiceType, SSH } from '../../../src/discovery/services.ts';

const never = () => false;
const reception = (now: number) => ({ source: '10.0.0.2', now, random: () => 0 });

function entry(type: ServiceType = HOTDESK, more: Partial<Entry> = {}): Entry {
  return {
    ...{ id: `${type} one`, type, name: 'one v1.2', source: '10.0.0.2', ptr: [], srv: [], txt: [] },
    ...{ resolve: undefined, confirm: undefined, shown: true, ...more },
  };
}

function withPointer(type: ServiceType, ttl: number, more: Partial<Entry> = {}): Entry {
  const made = entry(type, more);
  hold(made.ptr, '', undefined, { ttl, flush: false }, reception(0), 1);
  return made;
}

function point(to: Entry, host: string, now: number): void {
  hold(to.srv, host, { host, port: 22 }, { ttl: 100, flush: false }, reception(now), 4);
}

describe('what is missing', () => {
  const asked = (of: Entry, hasAddress: (host: string) => boolean = never) =>
    missingOf(of, hasAddress).map(({ type, labels }) => `${type} ${labels.join('|')}`);

  test('is where it is, and what its advert says, for those that have one', () => {
    expect(asked(entry())).toEqual([
      ...['SRV one v1.2|_hotdesk|_tcp|local', 'TXT one v1.2|_hotdesk|_tcp|local'],
    ]);
    expect(asked(entry(SSH))).toEqual(['SRV one v1.2|_ssh|_tcp|local']);
  });

  test('is an address of the host that it points to now', () => {
    const one = entry(SSH);
    point(one, 'old.local.', 0);
    point(one, 'new.local.', 1);
    expect(asked(one, (host) => host === 'old.local.')).toEqual(['A new|local', 'AAAA new|local']);
    expect(asked(one, (host) => host === 'new.local.')).toEqual([]);
  });
});

describe('an inquiry', () => {
  /** When it asks, and when silence is an answer, in ms from its beginning. */
  function course(inquiry: ReturnType<typeof reconfirmFrom>) {
    const tries: number[] = [];
    while (inquiry.at.length > 0) {
      const now = nextMoment(inquiry);
      expect(isOver(inquiry, now)).toBe(false);
      expect(takeDue(inquiry, now - 1)).toBe(false);
      expect(takeDue(inquiry, now)).toBe(true);
      tries.push(now - inquiry.began);
    }
    return [...tries, nextMoment(inquiry) - inquiry.began];
  }

  test('for what is missing leaves a second between the first two (§5.2), and a second for the last answer', () => {
    expect(course(resolveFrom(5000, () => 0))).toEqual([60, 1060, 3060, 4060]);
    expect(course(resolveFrom(5000, () => 1))).toEqual([100, 1100, 3100, 4100]);
  });

  test('whether it is there asks at once, and once more after the second in which a publisher stays silent', () => {
    const moments = course(reconfirmFrom(5000));
    expect(moments[0]).toBe(0);
    expect(moments.filter((at) => at > 1000)).toEqual([1650, 2600]);
  });

  test('after a goodbye asks within the second that it is held back, and says no by itself never', () => {
    const moments = course(askAfterGoodbye(5000, () => 1));
    expect(moments).toEqual([20, 400, Number.POSITIVE_INFINITY]);
  });

  test('is over when silence has lasted, and one that is none is not', () => {
    const inquiry = reconfirmFrom(0);
    expect(isOver(inquiry, 9999)).toBe(false);
    // Slept through: all of it is asked once.
    expect(takeDue(inquiry, 9999)).toBe(true);
    expect(takeDue(inquiry, 9999)).toBe(false);
    expect(isOver(inquiry, 2599)).toBe(false);
    expect(isOver(inquiry, 2600)).toBe(true);
    expect([isOver(undefined, 9999), takeDue(undefined, 9999)]).toEqual([false, false]);
    expect(nextMoment(undefined)).toBe(Number.POSITIVE_INFINITY);
  });
});

test('it wants to be looked at for the first of its inquiries and records', () => {
  const one = withPointer(SSH, 1000);
  expect(nextOfEntry(one)).toBe(800_000);
  point(one, 'a.local', 0);
  expect(nextOfEntry(one)).toBe(80_000);
  one.resolve = { at: [300, 700], began: 0, until: 900 };
  one.confirm = { at: [], began: 0, until: 500 };
  expect(nextOfEntry(one)).toBe(300);
  one.resolve = undefined;
  expect(nextOfEntry(one)).toBe(500);
});

describe('what need not be sent again', () => {
  const one = withPointer(SSH, 100);
  const known = (entries: readonly Entry[], types: readonly ServiceType[], now = 0) =>
    knownAnswers(entries, types, now);

  test('is an instance that is whole, with what is left of its time in seconds', () => {
    expect(known([one], [SSH], 10_500)).toEqual([
      { labels: ['_ssh', '_tcp', 'local'], target: ['one v1.2', '_ssh', '_tcp', 'local'], ttl: 89 },
    ]);
  });

  test('is none of another type, none that lacks something, and none that half its time is over of or that said goodbye', () => {
    const parting = withPointer(SSH, 100);
    for (const held of parting.ptr) sayGoodbye(held, 0);
    expect(known([one], [])).toEqual([]);
    expect(known([one], [HOTDESK])).toEqual([]);
    expect(known([withPointer(SSH, 100, { shown: false }), entry(SSH), parting], [SSH])).toEqual([]);
    expect(known([one], [SSH], 50_000)).toEqual([]);
  });
});
