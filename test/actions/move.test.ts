import { describe, expect, it } from 'vitest';
import type { ActionContext } from '../../src/actions/context.ts';
import { move } from '../../src/actions/move.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import type { Params } from '../../src/protocol/api.ts';
import { fakes, HOST, sessionOf } from './fake-context.ts';

const signal = new AbortController().signal;
const quiet = () => {};
const request = { host: HOST, session: sessionOf(), options: {}, seat: ':0', to: undefined };

describe('move', () => {
  it('opens here, taking the session', async () => {
    const fake = fakes();
    await move(fake.context, request, signal, quiet);
    expect(fake.requests[0]).toMatchObject({ mode: 'take', seat: ':0' });
  });

  it('asks the other machine’s agent to open it at its seat', async () => {
    const fake = fakes();
    const asked: unknown[] = [];
    const context: ActionContext = {
      ...fake.context,
      peer: async () => ({
        call: async (method: string, params: unknown) => {
          asked.push([method, params]);
          return { session: sessionOf() } as never;
        },
      }),
    };
    await move(context, { ...request, to: 'alpha' }, signal, quiet);
    expect(asked).toMatchObject([
      [
        'seat.open',
        { backend: 'xpra', localId: '100', host: { hostId: 'A' }, by: { host: 'me' }, reason: 'send' },
      ],
    ]);
    expect(fake.log).toEqual([]);
  });

  /** A peer that wants a password, and takes `right`. */
  const asking = (canAsk: boolean, answer: () => Promise<string>) => {
    const calls: unknown[] = [];
    const fake = fakes();
    const context: ActionContext = {
      ...fake.context,
      canAsk,
      askFor: async (account) => {
        calls.push(account);
        return answer();
      },
      peer: async () => ({
        call: async (_method: string, given: unknown) => {
          const params = given as Params<'seat.open'>;
          calls.push({ mayAsk: params.mayAsk, account: params.account });
          if (params.account?.password === 'right') return { session: sessionOf() } as never;
          if (params.mayAsk) return { session: sessionOf(), wantsPassword: { user: 'me' } } as never;
          throw new HotdeskError('auth-failed', 'no');
        },
      }),
    };
    return { calls, move: () => move(context, { ...request, to: 'alpha' }, signal, quiet) };
  };

  it('hands over the password that is wanted there, once', async () => {
    const right = asking(true, async () => 'right');
    expect(await right.move()).not.toHaveProperty('wantsPassword');
    expect(right.calls).toEqual([
      { mayAsk: true },
      { user: 'me', host: 'alpha', backend: 'xpra', to: 'alpha' },
      { account: { user: 'me', password: 'right' } },
    ]);
    const wrong = asking(true, async () => 'wrong');
    await expect(wrong.move()).rejects.toMatchObject({ code: 'auth-failed' });
    expect(wrong.calls).toHaveLength(3);
  });

  it('asks no more where nobody answers, and nobody where nobody can be asked', async () => {
    const silent = asking(true, () => Promise.reject(new HotdeskError('auth-failed', 'nobody')));
    await expect(silent.move()).rejects.toMatchObject({ message: 'nobody' });
    expect(silent.calls).toHaveLength(2);
    const nobody = asking(false, async () => 'right');
    await expect(nobody.move()).rejects.toMatchObject({ message: 'no' });
    expect(nobody.calls).toEqual([{}]);
  });

  it('says what is needed where there is no agent to open it', async () => {
    const fake = fakes();
    await expect(move(fake.context, { ...request, to: 'alpha' }, signal, quiet)).rejects.toMatchObject({
      code: 'not-supported',
      hint: expect.stringContaining('hotdesk agent start'),
    });
  });
});
