import { describe, expect, it } from 'vitest';
import { Catalogue } from '../../src/catalogue/store.ts';

const self = { hostId: 'ME', name: 'me', version: '1', sessions: [], backends: {} };
const alpha = { finder: 'mdns', key: 'k', name: 'alpha', addresses: [], services: [] } as const;

function rig() {
  const timers: (() => void)[] = [];
  const clock = {
    now: () => 0,
    after: (_ms: number, fn: () => void) => {
      timers.push(fn);
      return () => {};
    },
  };
  const catalogue = new Catalogue(self, clock);
  let told = 0;
  const off = catalogue.onChange(() => {
    told += 1;
  });
  const pass = () => {
    for (const fn of timers.splice(0)) fn();
  };
  return { catalogue, pass, off, told: () => told };
}

describe('Catalogue', () => {
  it('tells several changes as one, and of nothing when nothing changed', () => {
    const { catalogue, pass, told } = rig();
    catalogue.found(alpha);
    catalogue.setSeats([]);
    pass();
    expect(told()).toBe(1);
    catalogue.lost('mdns', 'nobody');
    pass();
    expect(told()).toBe(1);
  });

  it('has a change at once for who asks, and loses what a finder lost', () => {
    const { catalogue } = rig();
    catalogue.found(alpha);
    expect(catalogue.snapshot().hosts.map((h) => h.name)).toEqual(['me', 'alpha']);
    expect(catalogue.sightingsOf('name:alpha')).toEqual([alpha]);
    catalogue.lost('mdns', 'k');
    expect(catalogue.snapshot().hosts.map((h) => h.name)).toEqual(['me']);
  });

  it('tells nobody who has left', () => {
    const { catalogue, pass, off, told } = rig();
    off();
    catalogue.found(alpha);
    pass();
    expect(told()).toBe(0);
  });
});
