import { expect, it } from 'vitest';
import { Listed } from '../../src/agent/listed.ts';
import type { Session } from '../../src/model/session.ts';
import type { Backend } from '../../src/profiles/backend.ts';
import { until } from '../rigs/until.ts';

const one: Session = { backend: 'b', localId: '1', name: 'one', kind: 'app', watchers: [], state: 'live' };

function rig(list: () => Promise<Session[]>, patienceMs = 20) {
  let changes = 0;
  const failures: string[] = [];
  const listed = new Listed({ list } as unknown as Backend, {
    onChange: () => {
      changes += 1;
    },
    onFailure: ({ message }) => failures.push(message),
    patienceMs,
  });
  return { listed, failures, changes: () => changes };
}

it('waits for no backend that hangs: what it said is stale until it answers again', async () => {
  let answer: ((sessions: Session[]) => void) | undefined;
  let hangs = false;
  const { listed, changes } = rig(
    () =>
      new Promise((resolve) => {
        if (hangs) answer = resolve;
        else resolve([one]);
      }),
  );
  await listed.refresh();
  expect(listed.sessions()).toEqual([one]);
  hangs = true;
  await listed.refresh();
  expect(listed.sessions()).toEqual([{ ...one, stale: true }]);
  const before = changes();
  answer?.([one]);
  await until('it is told', () => changes() > before);
  expect(listed.sessions()).toEqual([one]);
});

it('waits less for one that did not answer before', async () => {
  const { listed } = rig(() => new Promise(() => {}), 600);
  await listed.refresh();
  const began = performance.now();
  await listed.refresh();
  expect(performance.now() - began).toBeLessThan(500);
});

it('says what failed, and keeps what was there as stale', async () => {
  let fails = false;
  const { listed, failures } = rig(async () => {
    if (fails) throw new Error('wedged');
    return [one];
  });
  await listed.refresh();
  fails = true;
  await listed.refresh();
  expect(failures).toEqual([expect.stringContaining('wedged')]);
  expect(listed.sessions()).toEqual([{ ...one, stale: true }]);
  fails = false;
  await listed.refresh();
  expect(listed.sessions()).toEqual([one]);
});

it('says which sessions are gone, when the backend says so and before the change is told', async () => {
  const two: Session = { ...one, localId: '2' };
  let answer: Session[] | undefined = [one, two];
  const heard: string[] = [];
  const list = async () => {
    if (answer) return answer;
    throw new Error('wedged');
  };
  const listed = new Listed({ list } as unknown as Backend, {
    onChange: () => heard.push(`${listed.sessions().length} listed`),
    onGone: (gone) => heard.push(`gone ${gone.map(({ localId }) => localId).join()}`),
    onFailure: () => {},
  });
  await listed.refresh();
  answer = undefined;
  await listed.refresh();
  answer = [one, { ...two, state: 'dead' }];
  await listed.refresh();
  answer = [one];
  await listed.refresh();
  answer = [{ ...one, name: 'other' }];
  await listed.refresh();
  answer = [];
  await listed.refresh();
  expect(heard).toEqual([
    ...['2 listed', '2 listed', 'gone 2', '2 listed', '1 listed', '1 listed', 'gone 1', '0 listed'],
  ]);
});

it('does not take for gone what was made while it was being listed', async () => {
  const listings: ((sessions: Session[]) => void)[] = [];
  const gone: string[] = [];
  const listed = new Listed(
    { list: () => new Promise<Session[]>((resolve) => listings.push(resolve)) } as unknown as Backend,
    {
      onChange: () => {},
      onGone: (sessions) => gone.push(...sessions.map(({ localId }) => localId)),
      onFailure: () => {},
    },
  );
  const early = listed.refresh();
  listed.add(one);
  listings[0]?.([]);
  await early;
  expect(listed.sessions()).toEqual([one]);
  expect(gone).toEqual([]);
  const late = listed.refresh();
  listings[1]?.([]);
  await late;
  expect(listed.sessions()).toEqual([]);
  expect(gone).toEqual(['1']);
});
