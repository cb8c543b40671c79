import { expect, it, vi } from 'vitest';
import type { OpenViewer, PeerCalls } from '../../src/actions/context.ts';
import { bringViewers, type Shown, stillShown } from '../../src/actions/follow.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import type { Host } from '../../src/model/host.ts';
import type { Viewer } from '../../src/model/viewer.ts';
import { fakes, HOST, sessionOf } from './fake-context.ts';

const to: Host = { ...HOST, key: 'B', name: 'beta', hostId: 'B', hostName: 'beta.local', sshPort: 2222 };
const seatHost: Host = { ...HOST, key: 'C', name: 'gamma', hostId: 'C' };
const now = sessionOf({ hostKey: 'B', host: 'beta', ref: 'xpra:100@beta' });
const viewer = (id: string, seat: string): Viewer => ({
  ...{ id, ref: 'xpra:100@alpha', hostKey: 'A', backend: 'xpra', localId: '100', seat, since: 0 },
  state: 'shown',
});

function rig(here: readonly Viewer[], peer: (host: Host) => Promise<PeerCalls | undefined>) {
  const fake = fakes();
  const requests: OpenViewer[] = [];
  let refused: string | undefined;
  const context = {
    ...fake.context,
    rows: () => ({ hosts: [to, seatHost], sessions: [], answerOf: new Map() }),
    peer,
    viewers: {
      ...fake.context.viewers,
      of: () => here,
      open: async (request: OpenViewer) => {
        requests.push(request);
        fake.log.push(`open ${request.seat} on ${request.host.name}`);
        if (request.seat === refused) throw new HotdeskError('viewer-failed', 'no display.');
        return viewer(`new ${request.seat}`, request.seat);
      },
    },
  };
  const refuse = (seat: string) => {
    refused = seat;
  };
  return {
    context,
    requests,
    refuse,
    log: fake.log,
    bring: (watchers: Shown['watchers'] = []) =>
      bringViewers(context, { viewers: here, watchers }, now, to, () => {}),
  };
}

const nobody = async () => undefined;

it('opens it once at each seat that shows it, and only then closes what was there', async () => {
  const here = [viewer('a', ':0'), viewer('b', ':0'), viewer('c', ':1')];
  const { bring, log, requests } = rig(here, nobody);
  const { viewer: shown, failed } = await bring();
  expect(log).toEqual(['open :0 on beta', 'close a', 'close b', 'open :1 on beta', 'close c']);
  expect(requests.map(({ session, mode }) => [session, mode])).toEqual([
    [now, 'take'],
    [now, 'take'],
  ]);
  expect(shown?.id).toBe('new :1');
  expect(failed).toEqual([]);
});

it('leaves the viewers of a seat where it cannot be opened, says so, and goes on with the others', async () => {
  const { bring, log, refuse } = rig([viewer('a', ':0'), viewer('b', ':1')], nobody);
  refuse(':0');
  const { viewer: shown, failed } = await bring();
  expect(log).toEqual(['open :0 on beta', 'open :1 on beta', 'close b']);
  expect(shown?.seat).toBe(':1');
  expect(failed).toEqual(['It is not shown at :0 any more: no display.']);
});

it('has each other host that shows it open it there, by the way that leads to it now', async () => {
  const asked: unknown[] = [];
  const { bring } = rig([], async ({ name }) => ({
    call: async (method: string, params: unknown) => {
      asked.push([name, method, params]);
      return undefined as never;
    },
  }));
  const watchers = [{ hostId: 'C' }, { hostId: 'C' }, { hostId: 'ME' }, { host: 'by hand' }];
  expect(await bring(watchers)).toEqual({ failed: [] });
  const host = { name: 'beta', addresses: [], hostId: 'B', hostName: 'beta.local', sshPort: 2222 };
  const by = { hostId: 'ME', host: 'me' };
  const what = { backend: 'xpra', localId: '100', options: {}, by, reason: 'return', host };
  expect(asked).toEqual([['gamma', 'seat.open', what]]);
});

it.each([
  ['which does not open it', [{ hostId: 'C' }], 'gamma', 'no.'],
  ['without an agent', [{ hostId: 'D', host: 'delta' }], 'delta', 'no hotdesk agent answers there.'],
])('says of another host %s that it is not shown there', async (_how, watchers, name, why) => {
  const { bring } = rig([], async () => {
    throw new HotdeskError('no-seat', 'no.');
  });
  const { failed } = await bring(watchers);
  expect(failed).toEqual([`It is not shown at ${name} any more: ${why}`]);
});

it('says of a known host without an agent that it is not shown there', async () => {
  const { failed } = await rig([], nobody).bring([{ hostId: 'C' }]);
  expect(failed).toEqual(['It is not shown at gamma any more: no hotdesk agent answers there.']);
});

it('opens what followed by itself anew where it has ended, and leaves it where it has not', async () => {
  vi.useFakeTimers();
  try {
    const settled = async <T>(work: Promise<T>) => {
      await vi.runAllTimersAsync();
      return work;
    };
    const followed = viewer('a', ':0');
    const stays = rig([followed], nobody);
    expect(await settled(stillShown(stays.context, followed, now, to))).toBe(followed);
    expect(stays.log).toEqual([]);
    const ended = rig([viewer('other', ':0')], nobody);
    expect((await settled(stillShown(ended.context, followed, now, to)))?.id).toBe('new :0');
    ended.refuse(':0');
    expect(await settled(stillShown(ended.context, followed, now, to))).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});
