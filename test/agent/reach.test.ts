import { expect, it, vi } from 'vitest';
import { type RemoteMachine, reach } from '../../src/agent/reach.ts';
import { hostIdOf } from '../../src/kernel/ids.ts';
import type { Advert, Host } from '../../src/model/host.ts';
import { fakeMachine } from '../profiles/fake-machine.ts';

const MACHINE = '0123456789abcdef0123456789abcdef';

function rig(adverts: Advert[] = [], stdout = `host=a\nmachine=${MACHINE}\n`) {
  const state = { closed: 0 };
  const machine: RemoteMachine = {
    ...fakeMachine(() => ({ stdout })).machine,
    onClose: () => {},
    letGo: () => {
      state.closed += 1;
    },
  };
  const row: Host = {
    ...{ key: 'name:a', name: 'a', addresses: [], finders: ['manual'], state: 'found', adverts },
  };
  return { state, machine, row };
}
const advert = (hostId: string): Advert => ({ hostId, agentId: 'x', revision: 1, sessions: [] });
const nobody = async () => undefined;

it('is the machine that an advert names, or that nothing is claimed of', async () => {
  for (const [adverts, stdout] of [
    [[], undefined],
    [[advert(hostIdOf(MACHINE))], undefined],
    [[advert('X')], 'host=a\n'],
  ] as const) {
    const { state, machine, row } = rig([...adverts], stdout);
    const { greeting } = await reach(row, async () => machine, undefined, nobody);
    expect(greeting.host).toBe('a');
    expect(state.closed).toBe(0);
  }
});

it('refuses a machine that is not the one that its advert names', async () => {
  const { state, machine, row } = rig([advert('somebody-else')]);
  const meet = vi.fn(nobody);
  await expect(reach(row, async () => machine, undefined, meet)).rejects.toMatchObject({
    code: 'host-key-changed',
  });
  expect(meet).not.toHaveBeenCalled();
  expect(state.closed).toBe(1);
});

it('leaves no connection where what belongs to it fails', async () => {
  const { state, machine, row } = rig();
  const failing = () => Promise.reject(new Error('no listing'));
  await expect(reach(row, async () => machine, undefined, failing)).rejects.toThrow('no listing');
  expect(state.closed).toBe(1);
});

it('is called off when it takes too long', async () => {
  vi.useFakeTimers();
  try {
    const { row } = rig();
    let signal: AbortSignal | undefined;
    const hanging = (_host: Host, given: AbortSignal) => {
      signal = given;
      return new Promise<RemoteMachine>(() => {});
    };
    const failed = reach(row, hanging, undefined, nobody).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await failed).toMatchObject({ code: 'timeout', hint: 'Run `hotdesk doctor a`.' });
    expect(signal?.aborted).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

it('leaves no connection that comes about when nobody waits for it any more', async () => {
  vi.useFakeTimers();
  try {
    const { state, machine, row } = rig();
    let met: (peer: undefined) => void = () => {};
    const slow = () =>
      new Promise<undefined>((resolve) => {
        met = resolve;
      });
    const failed = reach(row, async () => machine, undefined, slow).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await failed).toMatchObject({ code: 'timeout' });
    met(undefined);
    await vi.advanceTimersByTimeAsync(0);
    expect(state.closed).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});
