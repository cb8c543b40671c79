import { expect, it } from 'vitest';
import { type PasswordSources, withKept } from '../../../src/agent/account/with-password.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';

/** Of all that happens, in order. */
function rig(secret: string | undefined, over: Partial<PasswordSources> = {}) {
  const done: string[] = [];
  const kept = {
    get: async (mayAsk: boolean) => {
      done.push(`look ${mayAsk}`);
      return secret;
    },
    keep: async (given: string) => done.push(`keep ${given}`),
    forget: async () => done.push('forget'),
  };
  const sources: PasswordSources = {
    kept,
    canAsk: true,
    ask: async (before) => {
      done.push(`ask ${before !== ''}`);
      return 'typed';
    },
    who: 'ann@alpha',
    signal: new AbortController().signal,
    report: () => done.push('said'),
    ...over,
  };
  const run = (right: string, code = 'auth-failed' as const) =>
    withKept(sources, async (password) => {
      done.push(`use ${password}`);
      if (password !== right) throw new HotdeskError(code, 'No.');
      return 'in';
    });
  return { done, run, sources };
}

it('a kept one that is taken is used, and nobody is asked', async () => {
  const { done, run } = rig('kept');
  expect(await run('kept')).toBe('in');
  expect(done).toEqual(['look true', 'use kept']);
});

it('where there is none, what was typed is kept once it was taken', async () => {
  const { done, run } = rig(undefined);
  expect(await run('typed')).toBe('in');
  expect(done).toEqual(['look true', 'ask false', 'use typed', 'keep typed']);
});

it('what was typed and not taken is not kept', async () => {
  const { done, run } = rig(undefined);
  await expect(run('other')).rejects.toMatchObject({ code: 'auth-failed' });
  expect(done).toEqual(['look true', 'ask false', 'use typed']);
});

it('a kept one that is not taken is forgotten, that is said, and somebody is asked', async () => {
  const { done, run } = rig('old');
  expect(await run('typed')).toBe('in');
  expect(done).toEqual(['look true', 'use old', 'forget', 'said', 'ask true', 'use typed', 'keep typed']);
});

it('it is forgotten where nobody can be asked too, which is one error with what to do', async () => {
  const { done, run } = rig('old', { canAsk: false });
  await expect(run('typed')).rejects.toMatchObject({
    code: 'auth-failed',
    hint: expect.stringMatching(/terminal/u),
  });
  expect(done).toEqual(['look false', 'use old', 'forget']);
});

it('another failure says nothing of the password: it stays', async () => {
  const { done, sources } = rig('kept');
  const failed = withKept(sources, async () => {
    throw new HotdeskError('timeout', 'Late.');
  });
  await expect(failed).rejects.toMatchObject({ code: 'timeout' });
  expect(done).toEqual(['look true']);
});

it('of somebody at another machine nothing is kept here, and the desktop here does not ask', async () => {
  const { done, run } = rig(undefined, { isElsewhere: true });
  expect(await run('typed')).toBe('in');
  expect(done).toEqual(['look false', 'ask false', 'use typed']);
});

it('without a place to keep it somebody is asked', async () => {
  const { done, run } = rig('kept', { kept: undefined });
  expect(await run('typed')).toBe('in');
  expect(done).toEqual(['ask false', 'use typed']);
});
