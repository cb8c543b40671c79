import fc from 'fast-check';
import { expect, test } from 'vitest';
import { watcherOf, watcherTag } from '../../src/profiles/tag.ts';

test('a tag tells viewer, host id and host again', () => {
  const viewer = { viewerId: 'a1b2', hostId: 'ff00', host: 'alpha-1.local' };
  expect(watcherOf(watcherTag(viewer), 'whatever')).toEqual(viewer);
});

test('what is not ours is known by its host at most, made safe', () => {
  expect(watcherOf('0123abcd', 'beta')).toEqual({ host: 'beta' });
  expect(watcherOf('', '\u001b[31mred\u202e')).toEqual({ host: '[31mred' });
  expect(watcherOf(undefined, undefined)).toEqual({});
});

test('no name makes a tag that reads otherwise, or that a shell or a listing would split', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (host, viewerId) => {
      const tag = watcherTag({ viewerId, hostId: 'ab', host });
      expect(tag).toMatch(/^hotdesk:[\w-]*:ab:[\w.…-]*$/u);
    }),
  );
});
