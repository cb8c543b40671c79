import { describe, expect, it } from 'vitest';
import { Sightings } from '../../src/agent/sightings.ts';
import { Catalogue } from '../../src/catalogue/store.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { silentLogger } from '../../src/kernel/log.ts';

const self = { hostId: 'ME', name: 'me', version: '1', sessions: [], backends: {} };
const seen = (finder: 'mdns' | 'manual', key: string, name = key) =>
  ({ finder, key, name, addresses: [], services: [] }) as const;
const taken = new HotdeskError('port-taken', 'Port 5353 is taken.');

function rig() {
  const catalogue = new Catalogue(self, systemClock);
  const warned: unknown[] = [];
  const log = { ...silentLogger, warn: (facts: object) => void warned.push(facts) };
  const names = () => catalogue.rows().hosts.map(({ name }) => name);
  return { sightings: new Sightings(catalogue, log), names, warned };
}

describe('what finders see', () => {
  it('is there until its own finder has lost it', () => {
    const { sightings, names } = rig();
    const lan = sightings.sinkOf('mdns');
    const manual = sightings.sinkOf('manual');
    lan.found(seen('mdns', 'a', 'alpha'));
    manual.found(seen('manual', 'b', 'beta'));
    // Both may use the same keys.
    manual.lost('a');
    lan.lost('b');
    expect(names().sort()).toEqual(['alpha', 'beta', 'me']);
    lan.lost('a');
    expect(names().sort()).toEqual(['beta', 'me']);
  });

  it('is lost under the name that it was last told by', () => {
    const { sightings, names } = rig();
    const sink = sightings.sinkOf('mdns');
    sink.found(seen('manual', 'a', 'alpha'));
    sink.lost('a');
    expect(names()).toEqual(['me']);
  });
});

describe('what stands in their way', () => {
  it('is kept for each finder until that one finds something, and is logged without its cause', () => {
    const { sightings, warned } = rig();
    const lan = sightings.sinkOf('mdns');
    const manual = sightings.sinkOf('manual');
    const later = new HotdeskError('mdns-unavailable', 'No link.');
    lan.problem(taken);
    lan.problem(later);
    manual.found(seen('manual', 'b'));
    expect(sightings.problems()).toEqual([later]);
    lan.lost('unknown');
    expect(sightings.problems()).toEqual([later]);
    lan.found(seen('mdns', 'a'));
    expect(sightings.problems()).toEqual([]);
    expect(warned).toEqual([
      { finder: 'mdns', code: 'port-taken' },
      { finder: 'mdns', code: 'mdns-unavailable' },
    ]);
  });
});
