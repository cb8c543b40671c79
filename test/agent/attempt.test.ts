import { expect, it } from 'vitest';
import { Attempt } from '../../src/agent/attempt.ts';
import { type ErrorCode, HotdeskError } from '../../src/kernel/errors.ts';
import type { Prompter } from '../../src/ssh/ssh.ts';

function rig() {
  const tries: { prompter: Prompter | undefined; end(result: string | ErrorCode): void }[] = [];
  const attempt = new Attempt<string>(
    (prompter) =>
      new Promise((resolve, reject) => {
        const end = (result: string) =>
          result === 'done' ? resolve(result) : reject(new HotdeskError(result as ErrorCode, 'no'));
        tries.push({ prompter, end });
      }),
  );
  const join = (prompter?: Prompter) =>
    attempt.join(prompter, () => undefined).catch((error: HotdeskError) => error.code);
  return { attempt, tries, join };
}

const person = (): Prompter => ({ ask: async () => undefined });
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('is made once for all who want it at once, and anew by who comes later', async () => {
  const { attempt, tries, join } = rig();
  const all = [join(), join(), join()];
  expect(attempt.isUnderWay).toBe(true);
  tries[0]?.end('done');
  expect(await Promise.all(all)).toEqual(['done', 'done', 'done']);
  expect(tries).toHaveLength(1);
  expect(attempt.isUnderWay).toBe(false);
  void join();
  expect(tries).toHaveLength(2);
});

it('is not made where an earlier one stands', async () => {
  const { attempt, tries } = rig();
  expect(await attempt.join(undefined, () => 'there')).toBe('there');
  expect(tries).toEqual([]);
});

it('is made again for a person who was not asked, and not for nobody', async () => {
  const { tries, join } = rig();
  const [background, mine] = [join(), join(person())];
  tries[0]?.end('auth-failed');
  expect(await background).toBe('auth-failed');
  await turn();
  expect(tries.map(({ prompter }) => prompter !== undefined)).toEqual([false, true]);
  tries[1]?.end('auth-failed');
  expect(await mine).toBe('auth-failed');
  await turn();
  expect(tries).toHaveLength(2);
});

it('is not made again for nobody, where a person was asked in vain', async () => {
  const { tries, join } = rig();
  const answers = [join(person()), join()];
  tries[0]?.end('auth-failed');
  await turn();
  expect(tries).toHaveLength(1);
  expect(await Promise.all(answers)).toEqual(['auth-failed', 'auth-failed']);
});

it('is made for each person, one after the other', async () => {
  const { tries, join } = rig();
  const [first, second] = [person(), person()];
  const answers = [join(first), join(second)];
  tries[0]?.end('auth-failed');
  await turn();
  expect(tries.map(({ prompter }) => prompter)).toEqual([first, second]);
  tries[1]?.end('done');
  expect(await Promise.all(answers)).toEqual(['auth-failed', 'done']);
});

it('is not made again for what no person can change', async () => {
  const { tries, join } = rig();
  const answers = [join(), join(person())];
  tries[0]?.end('host-unreachable');
  expect(await Promise.all(answers)).toEqual(['host-unreachable', 'host-unreachable']);
  expect(tries).toHaveLength(1);
});
