import { describe, expect, it } from 'vitest';
import { planAttach } from '../../src/actions/plan.ts';

describe('planAttach', () => {
  it('claims what nobody watches too: another may be taking it just now', () => {
    const plan = ['claim', 'open', 'commit'];
    expect(planAttach({ steals: 'displaces', mode: 'take', others: 0 })).toEqual(plan);
    expect(planAttach({ steals: 'refused', mode: 'take', others: 0 })).toEqual(plan);
    expect(planAttach({ steals: 'refused', mode: 'share', others: 0 })).toEqual(['open']);
  });

  it('claims before it displaces, and commits only after the new viewer shows', () => {
    expect(planAttach({ steals: 'displaces', mode: 'take', others: 1 })).toEqual(['claim', 'open', 'commit']);
    expect(planAttach({ steals: 'shares', mode: 'take', others: 2 })).toEqual(['claim', 'open', 'commit']);
  });

  it('ends the others first only where the backend refuses a second', () => {
    expect(planAttach({ steals: 'refused', mode: 'take', others: 1 })).toEqual([
      'claim',
      'end-others',
      'open',
      'commit',
    ]);
  });

  it('claims nothing when it only joins', () => {
    expect(planAttach({ steals: 'displaces', mode: 'share', others: 1 })).toEqual(['open']);
    expect(planAttach({ steals: 'shares', mode: 'readonly', others: 1 })).toEqual(['open']);
  });
});
