import { expect, it } from 'vitest';
import { Fresh } from '../../src/agent/fresh.ts';
import type { Session } from '../../src/model/session.ts';

const session = (localId: string, name = localId): Session => ({
  ...{ backend: 'tmux', localId, name, kind: 'terminal', watchers: [], state: 'live' },
});
const [a, b] = [session('a'), session('b')];

it('is there beside what was told, and in place of an older word about it', () => {
  const fresh = new Fresh();
  expect(fresh.within([a])).toEqual([a]);
  fresh.add(b);
  expect(fresh.within([a])).toEqual([a, b]);
  expect(fresh.within([session('b', 'old'), a])).toEqual([a, b]);
});

it('is there once, as it was said last', () => {
  const fresh = new Fresh();
  for (const each of [a, b, session('a', 'renamed')]) fresh.add(each);
  expect(fresh.within([])).toEqual([b, session('a', 'renamed')]);
});

it('is forgotten with the answer to a question that was asked after it, and with no earlier one', async () => {
  const fresh = new Fresh();
  let answer = (_: string) => {};
  fresh.add(a);
  const asked = fresh.asked(
    new Promise<string>((resolve) => {
      answer = resolve;
    }),
  );
  const again = session('a', 'again');
  fresh.add(b);
  fresh.add(again);
  answer('told');
  expect(await asked).toBe('told');
  expect(fresh.within([])).toEqual([b, again]);
  await fresh.asked(Promise.resolve());
  expect(fresh.within([])).toEqual([]);
});

it('stays where the question is not answered', async () => {
  const fresh = new Fresh();
  fresh.add(a);
  await expect(fresh.asked(Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  expect(fresh.within([])).toEqual([a]);
  fresh.clear();
  expect(fresh.within([])).toEqual([]);
});
