import { afterEach, expect, it, vi } from 'vitest';
import { type MeetDeps, meetAgent } from '../../src/agent/meet-agent.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Machine } from '../../src/model/machine.ts';
import type { Inventory } from '../../src/protocol/api.ts';
import { until } from '../rigs/until.ts';
import { type FakePeer, fakePeer, INVENTORY } from './fake-peer.ts';

afterEach(() => {
  vi.useRealTimers();
});

const viewer = { viewerId: 'v', backend: 'xpra', localId: '1' };

function rig(answer: Parameters<typeof fakePeer>[0], part: Partial<MeetDeps> = {}) {
  const peer = fakePeer(answer);
  const heard: unknown[] = [];
  const taken: Inventory[] = [];
  const deps: MeetDeps = {
    ...{ me: { hostId: 'ME', host: 'me' }, log: silentLogger, viewers: () => [] },
    onHandover: (event) => void heard.push(event),
    onStopping: (event) => void heard.push(event),
    onEnded: (event) => void heard.push(event),
    ...part,
  };
  const meet = (
    open: () => Promise<FakePeer['stream']> = async () => peer.stream,
    signal = new AbortController().signal,
  ) =>
    meetAgent(
      { name: 'far', open } as unknown as Machine,
      '/run/agent.sock',
      deps,
      (inventory) => void taken.push(inventory),
      signal,
    );
  return { peer, heard, taken, meet };
}

const serves = (method: string) => (method === 'inventory.subscribe' ? INVENTORY : {});

it('takes what it has, now and later, and hears of handovers and ends', async () => {
  const { peer, heard, taken, meet } = rig(serves);
  expect((await meet())?.agent.host).toBe('far');
  expect(taken).toEqual([INVENTORY]);
  expect(peer.asked.map(({ method }) => method)).toEqual(['inventory.subscribe']);
  const session = { backend: 'xpra', localId: '1' };
  const by = { hostId: 'C', host: 'c' };
  const events = { handover: { ...session, by, phase: 'done' }, stopping: { ...session, by } };
  for (const [name, data] of Object.entries(events)) peer.tell(name, data);
  peer.tell('ended', { ...session, end: { code: 1, lines: [] } });
  peer.tell('inventory', { ...INVENTORY, seats: [':0'] });
  await until('it is told', () => taken.length === 2);
  expect(taken[1]?.seats).toEqual([':0']);
  expect(heard).toEqual([events.handover, events.stopping, { ...session, end: { code: 1, lines: [] } }]);
});

it('says who looks at its sessions from here, where somebody does', async () => {
  const { peer, meet } = rig(serves, { viewers: () => [viewer] });
  await meet();
  expect(peer.asked[1]).toEqual({ method: 'viewers.announce', params: { viewers: [viewer] } });
});

it('is nobody where its socket is left over', async () => {
  const { meet } = rig(serves);
  const refused = async () => {
    throw new HotdeskError('connection-refused', 'nobody listens');
  };
  expect(await meet(refused)).toBeUndefined();
});

it('is told of where it is of another version, for it is there', async () => {
  const { meet } = rig(serves);
  const other = fakePeer(serves, 99).stream;
  await expect(meet(async () => other)).rejects.toMatchObject({ code: 'agent-version' });
});

it.each(['inventory.subscribe', 'viewers.announce'])('is let go where it refuses %s', async (refused) => {
  const { peer, meet } = rig((method) => (method === refused ? new Error('no') : serves(method)), {
    viewers: () => [viewer],
  });
  await expect(meet()).rejects.toThrow('no');
  expect(peer.stream.destroyed).toBe(true);
});

it.each(['inventory.subscribe', 'viewers.announce'])(
  'is not waited for where it hangs at %s',
  async (hung) => {
    const { peer, meet } = rig((method) => (method === hung ? undefined : serves(method)), {
      viewers: () => [viewer],
    });
    const limit = new AbortController();
    const met = meet(undefined, limit.signal);
    met.catch(() => {});
    await until('it is asked', () => peer.asked.some(({ method }) => method === hung));
    limit.abort();
    await expect(met).rejects.toMatchObject({ code: 'cancelled' });
    expect(peer.stream.destroyed).toBe(true);
  },
);

it('is waited for as long as it answers, however long it looks at its sessions', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { peer, taken, meet } = rig((method) => (method === 'inventory.subscribe' ? undefined : {}));
  const met = meet();
  while (peer.asked.length === 0) await new Promise(setImmediate);
  await vi.advanceTimersByTimeAsync(4900);
  expect(peer.asked).toHaveLength(1);
  for (let seconds = 0; seconds < 60; seconds += 1) {
    await vi.advanceTimersByTimeAsync(1000);
    await new Promise(setImmediate);
  }
  expect(peer.asked.filter(({ method }) => method === 'viewers.announce').length).toBeGreaterThan(5);
  peer.answer('inventory.subscribe', INVENTORY);
  expect((await met)?.agent.host).toBe('far');
  expect(taken).toEqual([INVENTORY]);
});

it.each(['inventory.subscribe', 'viewers.announce'])(
  'is nobody where it never answers %s, and nothing from then on: the host is driven without it',
  async (hung) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let hangs = false;
    const answer = (method: string) => {
      hangs ||= method === hung;
      return hangs ? undefined : serves(method);
    };
    const { peer, meet } = rig(answer, {
      viewers: () => [viewer],
    });
    const met = meet();
    while (!peer.asked.some(({ method }) => method === hung)) await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await met).toBeUndefined();
    expect(peer.stream.destroyed).toBe(true);
  },
);
