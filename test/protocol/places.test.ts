import { describe, expect, it } from 'vitest';
import { placesOf } from '../../src/protocol/places.ts';
import { sample, session } from '../cli/samples.ts';

const viewer = {
  ...{ id: 'v1', ref: 'xpra:100@alpha', hostKey: 'k-alpha', backend: 'xpra', localId: '100', seat: ':0' },
  ...{ since: 1, state: 'shown' as const },
};
const at = (watchers: Parameters<typeof session>[2], more = {}) =>
  placesOf(session('x', 'alpha', watchers), sample(more));

describe('where a session is shown', () => {
  it('is told by the host id, the key or the name, in the names that are listed', () => {
    expect(at({ watchers: [{ hostId: 'id-here', host: 'old-name' }] })).toEqual([
      { host: 'here', isHere: true },
    ]);
    expect(at({ watchers: [{ host: 'k-gamma' }] })).toEqual([{ host: 'gamma', isHere: false }]);
    expect(at({ watchers: [{ host: 'elsewhere' }] })).toEqual([{ host: 'elsewhere', isHere: false }]);
    expect(at({ watchers: [{}] })).toEqual([{ host: '?', isHere: false }]);
  });

  it('is one place a host', () => {
    expect(at({ watchers: [{ host: 'gamma' }, { host: 'k-gamma' }] })).toHaveLength(1);
  });

  it('is not elsewhere too where a backend only counts our own viewers', () => {
    expect(at({ watchers: [{}] }, { viewers: [viewer] })).toEqual([{ host: 'here', isHere: true }]);
    expect(at({ watchers: [{}, {}] }, { viewers: [viewer] })).toEqual([
      { host: '?', isHere: false },
      { host: 'here', isHere: true },
    ]);
  });

  it('is here for a viewer of this machine, even before the backend tells', () => {
    expect(at({}, { viewers: [viewer] })).toEqual([{ host: 'here', isHere: true }]);
    expect(at({}, { viewers: [{ ...viewer, state: 'opening' as const }] })).toEqual([]);
    expect(at({ watchers: [{ hostId: 'id-here', viewerId: 'v1' }] }, { viewers: [viewer] })).toHaveLength(1);
  });
});
