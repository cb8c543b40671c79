import { describe, expect, it } from 'vitest';
import type { ActionContext } from '../../src/actions/context.ts';
import { move } from '../../src/actions/move.ts';
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

  it('says what is needed where there is no agent to open it', async () => {
    const fake = fakes();
    await expect(move(fake.context, { ...request, to: 'alpha' }, signal, quiet)).rejects.toMatchObject({
      code: 'not-supported',
      hint: expect.stringContaining('hotdesk agent start'),
    });
  });
});
