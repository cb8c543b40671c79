import { describe, expect, it } from 'vitest';
import { Doze } from '../../src/agent/doze.ts';
import { ASLEEP_MS } from '../../src/catalogue/asleep.ts';
import type { Advert, Host } from '../../src/model/host.ts';

function rig() {
  const timers = new Map<() => void, number>();
  const state = { over: 0 };
  const clock = {
    now: () => 0,
    after: (ms: number, fn: () => void) => {
      timers.set(fn, ms);
      return () => void timers.delete(fn);
    },
  };
  const doze = new Doze(clock, () => {
    state.over += 1;
  });
  /** It lasts too long. */
  const pass = () => {
    for (const fn of [...timers.keys()]) {
      timers.delete(fn);
      fn();
    }
  };
  return { doze, state, pass, waits: () => [...timers.values()] };
}

const advert = (agentId: string, revision: number, asleep?: boolean): Advert => ({
  ...{ hostId: 'H', agentId, revision, sessions: [] },
  ...(asleep === undefined ? {} : { asleep }),
});
const host = (...adverts: Advert[]): Host => ({
  ...{ key: 'H', name: 'h', addresses: [], finders: ['mdns'], state: 'agent', adverts },
});

describe('a host that does not answer', () => {
  it('and never said so is not asleep', () => {
    const { doze, waits } = rig();
    expect(doze.lasts(host(advert('a', 1)))).toBe(false);
    expect(doze.lasts(undefined)).toBe(false);
    expect(waits()).toEqual([]);
  });

  it('sleeps where all its agents say so, and not where one of them is up', () => {
    const { doze } = rig();
    expect(doze.lasts(host(advert('a', 1, true), advert('b', 1)))).toBe(false);
    expect(doze.lasts(host(advert('a', 1, true), advert('b', 1, true)))).toBe(true);
  });

  it('sleeps on when nobody sees it any more', () => {
    const { doze } = rig();
    doze.begin(host(advert('a', 4)));
    expect(doze.lasts(undefined)).toBe(true);
    expect(doze.lasts(host())).toBe(true);
  });

  it('sleeps no longer than what it said is good for, counted from the first time', () => {
    const { doze, state, pass, waits } = rig();
    doze.begin(host(advert('a', 1)));
    doze.begin(host(advert('a', 1)));
    expect(doze.lasts(host(advert('a', 2, true)))).toBe(true);
    expect(waits()).toEqual([ASLEEP_MS]);
    pass();
    expect(state.over).toBe(1);
    expect(doze.lasts(undefined)).toBe(false);
  });

  it('is not told to be over when it was ended, and may begin anew', () => {
    const { doze, state, pass } = rig();
    doze.begin(undefined);
    doze.end();
    pass();
    expect(state.over).toBe(0);
    expect(doze.lasts(undefined)).toBe(false);
    doze.begin(undefined);
    expect(doze.lasts(undefined)).toBe(true);
  });
});

describe('a host that slept', () => {
  it('is back when it says something newer, awake; not by what it had said before', () => {
    const { doze } = rig();
    doze.begin(host(advert('a', 4), advert('b', 9)));
    for (const old of [advert('a', 4), advert('b', 9), advert('a', 3), advert('a', 5, true)]) {
      expect(doze.isBack(host(old))).toBe(false);
    }
    expect(doze.isBack(host(advert('b', 9), advert('a', 5)))).toBe(true);
    expect(doze.lasts(host(advert('a', 5)))).toBe(false);
  });

  it('is back with an agent that was not there before', () => {
    const { doze } = rig();
    doze.begin(host(advert('a', 4)));
    expect(doze.isBack(host(advert('new', 0)))).toBe(true);
  });

  it('did not, where none began', () => {
    expect(rig().doze.isBack(host(advert('a', 5)))).toBe(false);
  });
});
