/** One record set of the cache. How instances come and go by it: link-browser.test.ts. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  dropExpired,
  type Held,
  hold,
  isKnownAnswer,
  newest,
  nextOf,
  refreshDue,
  sayGoodbye,
  undoGoodbye,
} from '../../../src/discovery/mdns/held.ts';

const S = 1000;
let list: Held<string>[] = [];
beforeEach(() => {
  list = [];
});

const put = (key: string, now: number, more: { ttl?: number; flush?: boolean; limit?: number } = {}) => {
  const { ttl = 100, flush = false, limit = 4 } = more;
  const reception = { source: '10.0.0.2', now, random: () => 0.5 };
  return hold(list, key, `value of ${key}`, { ttl, flush }, reception, limit);
};
const keys = () => list.map(({ key }) => key);
const only = () => {
  const [held] = list;
  if (!held) throw new Error('nothing is held');
  return held;
};

describe('what a stranger says of how long it holds', () => {
  test.each([
    [0.001, 10],
    [9, 10],
    [11, 11],
    [4500, 4500],
    [0xffffffff, 4500],
  ])('a TTL of %d s is %d s', (ttl, seconds) => {
    put('a', 0, { ttl });
    expect(dropExpired(list, seconds * S - 1)).toBe(false);
    expect(dropExpired(list, seconds * S)).toBe(true);
    expect(list).toEqual([]);
  });
});

describe('a record that comes again', () => {
  test('is new to nobody, and counts from then on, what was asked and its goodbye forgotten', () => {
    expect(put('a', 0)).toBe(true);
    const first = only();
    refreshDue(list, 82 * S);
    sayGoodbye(first, 83 * S);
    expect(put('a', 83.5 * S)).toBe(false);
    expect(only()).toBe(first);
    expect(first).toMatchObject({ asked: 0, beforeGoodbye: undefined, expiresAt: 183.5 * S });
  });

  test('is the one that counts, though another stands behind it', () => {
    put('a', 0);
    put('b', 5 * S);
    expect(newest(list)?.key).toBe('b');
    put('a', 6 * S);
    expect(newest(list)?.value).toBe('value of a');
    // Of those that came in one packet the last.
    put('b', 6 * S);
    expect(newest(list)?.key).toBe('b');
  });
});

test('of more than there is room for, the one goes that was silent longest', () => {
  for (const [n, key] of ['a', 'b', 'c'].entries()) put(key, n * S, { limit: 3 });
  put('a', 5 * S, { limit: 3 });
  put('d', 6 * S, { limit: 3 });
  expect(keys()).toEqual(['a', 'c', 'd']);
});

describe('the flush bit', () => {
  test('ends in a second what came more than a second before, and nothing else', () => {
    put('old', 0);
    put('beside', 4.5 * S);
    put('new', 5 * S, { flush: true });
    expect(dropExpired(list, 6 * S - 1)).toBe(false);
    expect(dropExpired(list, 6 * S)).toBe(true);
    expect(keys()).toEqual(['beside', 'new']);
  });

  test('lengthens no record’s time, and the record that has it does not end itself', () => {
    put('old', 0, { ttl: 10 });
    put('a', 0);
    put('a', 9.5 * S, { flush: true });
    expect(dropExpired(list, 10 * S)).toBe(true);
    expect(dropExpired(list, 60 * S)).toBe(false);
    expect(keys()).toEqual(['a']);
  });

  test('is not undone by taking back a goodbye', () => {
    put('old', 0);
    sayGoodbye(only(), 5 * S);
    put('new', 5.5 * S, { flush: true });
    for (const held of list) undoGoodbye(held);
    dropExpired(list, 7 * S);
    expect(keys()).toEqual(['new']);
  });
});

describe('a goodbye', () => {
  test('leaves a second, or what is left, however often it is said', () => {
    put('a', 0);
    sayGoodbye(only(), 50 * S);
    sayGoodbye(only(), 50.9 * S);
    expect(only().expiresAt).toBe(51 * S);
    undoGoodbye(only());
    expect(only().expiresAt).toBe(100 * S);
    sayGoodbye(only(), 99.5 * S);
    expect(only().expiresAt).toBe(100 * S);
  });

  test('is no reason to ask anew, nor one to tell others that it is known', () => {
    put('a', 0);
    expect(isKnownAnswer(only(), 10 * S)).toBe(true);
    sayGoodbye(only(), 10 * S);
    expect(isKnownAnswer(only(), 10 * S)).toBe(false);
    expect(refreshDue(list, 90 * S)).toBe(false);
    // Never said, it changes nothing.
    put('b', 0);
    for (const held of list) undoGoodbye(held);
    expect(list.map(({ expiresAt }) => expiresAt)).toEqual([100 * S, 100 * S]);
  });
});

test('an answer is known while more than half of its time is left', () => {
  put('a', 0);
  expect(isKnownAnswer(only(), 50 * S - 1)).toBe(true);
  expect(isKnownAnswer(only(), 50 * S)).toBe(false);
});

describe('when to look again', () => {
  test('is the next refresh of any, then the end of the first', () => {
    expect(nextOf([])).toBe(Number.POSITIVE_INFINITY);
    put('a', 0);
    put('b', 0, { ttl: 1000 });
    const due: number[] = [];
    while (nextOf(list) < 100 * S) {
      due.push(nextOf(list) / S);
      expect(refreshDue(list, nextOf(list))).toBe(true);
    }
    // 1 % of jitter, of up to 2 %.
    expect(due.map((at) => Math.round(at))).toEqual([81, 86, 91, 96]);
    expect(nextOf(list)).toBe(100 * S);
  });

  test('tries that were slept through are one', () => {
    put('a', 0);
    expect(refreshDue(list, 92 * S)).toBe(true);
    expect(refreshDue(list, 92 * S)).toBe(false);
    expect(Math.round(nextOf(list) / S)).toBe(96);
  });
});
