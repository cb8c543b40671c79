import { describe, expect, it } from 'vitest';
import { labPrefix } from '../../scripts/lib/lab-access.mjs';

describe('labPrefix', () => {
  it('is nothing for root that may make namespaces', () => {
    expect(labPrefix({ isRoot: true, works: () => true })).toEqual([]);
  });

  it('is undefined for root that may not, as in a plain container', () => {
    expect(labPrefix({ isRoot: true, works: () => false })).toBeUndefined();
  });

  it('is a user namespace for others, once it is seen to work', () => {
    const tried: string[] = [];
    const works = (argv: readonly string[]) => tried.push(argv.join(' ')) > 0;
    expect(labPrefix({ isRoot: false, works })?.slice(0, 2)).toEqual(['unshare', '--user']);
    expect(tried[0]).toContain('ip netns add');
    expect(labPrefix({ isRoot: false, works: () => false })).toBeUndefined();
  });
});
