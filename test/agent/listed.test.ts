import { expect, it } from 'vitest';
import { Listed } from '../../src/agent/listed.ts';
import type { Session } from '../../src/model/session.ts';
import type { Backend } from '../../src/profiles/backend.ts';
import { until } from '../rigs/until.ts';

const one: Session = { backend: 'b', localId: '1', name: 'one', kind: 'app', watchers: [], state: 'live' };

function rig(list: () => Promise<Session[]>) {
  let changes = 0;
  const failures: string[] = [];
  const listed = new Listed({ list } as unknown as Backend, {
    onChange: () => {
      changes += 1;
    },
    onFailure: ({ message }) => failures.push(message),
    patienceMs: 20,
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
