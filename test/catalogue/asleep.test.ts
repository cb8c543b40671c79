import { expect, it } from 'vitest';
import { ASLEEP_MS } from '../../src/catalogue/asleep.ts';
import type { Answer } from '../../src/catalogue/reduce.ts';
import { Catalogue } from '../../src/catalogue/store.ts';
import type { Sighting } from '../../src/model/host.ts';

const self = { hostId: 'ME', name: 'me', version: '1', sessions: [], backends: {} };
const seen = (name: string, asleep: boolean, key = name): Sighting => ({
  ...{ finder: 'mdns', key, name, addresses: [], services: [] },
  advert: { hostId: name, agentId: key, revision: 1, sessions: [], ...(asleep ? { asleep } : {}) },
});
const answer = (state: Answer['state']): Answer => ({ state, hostId: 'alpha', sessions: [] });

function rig() {
  let now = 0;
  let timers: { at: number; fn: () => void }[] = [];
  const clock = {
    now: () => now,
    after: (ms: number, fn: () => void) => {
      const timer = { at: now + ms, fn };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
  };
  const catalogue = new Catalogue(self, clock);
  const states = () =>
    Object.fromEntries(
      catalogue
        .rows()
        .hosts.slice(1)
        .map(({ name, state }) => [name, state]),
    );
  const pass = (ms: number) => {
    now += ms;
    const due = timers.filter(({ at }) => at <= now);
    timers = timers.filter(({ at }) => at > now);
    for (const { fn } of due) fn();
  };
  return { catalogue, states, pass, waiting: () => timers.length };
}

it('a host that said so is asleep for as long as it does not answer, and when nobody sees it', () => {
  const { catalogue, states } = rig();
  catalogue.found(seen('alpha', false));
  catalogue.answer('alpha', answer('agent'));
  catalogue.found(seen('alpha', true));
  expect(states()).toEqual({ alpha: 'agent' });
  for (const state of ['connecting', 'unreachable', 'asleep'] as const) {
    catalogue.answer('alpha', answer(state));
    expect(states()).toEqual({ alpha: 'asleep' });
  }
  catalogue.answer('alpha', answer('untrusted'));
  expect(states()).toEqual({ alpha: 'untrusted' });
  catalogue.answer('alpha', answer('unreachable'));
  catalogue.lost('mdns', 'alpha');
  expect(states()).toEqual({ alpha: 'asleep' });
  catalogue.found(seen('alpha', false));
  expect(states()).toEqual({ alpha: 'unreachable' });
  catalogue.lost('mdns', 'alpha');
  expect(states()).toEqual({});
});

it('one whose agent said so over SSH alone is kept too', () => {
  const { catalogue, states } = rig();
  catalogue.found(seen('alpha', false));
  catalogue.answer('alpha', answer('asleep'));
  catalogue.lost('mdns', 'alpha');
  expect(states()).toEqual({ alpha: 'asleep' });
});

it('is not asleep for ever, counted from when it said so', () => {
  const { catalogue, states, pass } = rig();
  catalogue.found(seen('alpha', true));
  pass(ASLEEP_MS - 1000);
  catalogue.found(seen('alpha', true));
  catalogue.lost('mdns', 'alpha');
  expect(states()).toEqual({ alpha: 'asleep' });
  pass(1000);
  expect(states()).toEqual({});
});

it('is back under another name, or with another agent awake', () => {
  const { catalogue, states } = rig();
  catalogue.found(seen('alpha', true, 'one'));
  catalogue.found(seen('alpha', false, 'two'));
  expect(states()).toEqual({ alpha: 'found' });
  catalogue.lost('mdns', 'two');
  expect(states()).toEqual({ alpha: 'asleep' });
  catalogue.lost('mdns', 'one');
  catalogue.found(seen('alpha', false, 'three'));
  catalogue.lost('mdns', 'three');
  expect(states()).toEqual({});
});

it('a flood of them is not kept', () => {
  const { catalogue, states, waiting } = rig();
  for (let n = 0; n < 1000; n += 1) {
    catalogue.found(seen(`h${n}`, true));
    catalogue.lost('mdns', `h${n}`);
  }
  expect(Object.keys(states())).toHaveLength(64);
  expect(states()).toHaveProperty('h999');
  expect(waiting()).toBeLessThan(70);
});
