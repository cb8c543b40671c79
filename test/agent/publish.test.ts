import { describe, expect, it } from 'vitest';
import { Publisher } from '../../src/agent/publish.ts';
import { silentLogger } from '../../src/kernel/log.ts';

function rig() {
  const timers: (() => void)[] = [];
  const done: string[] = [];
  const state: { advert: string | undefined } = { advert: 'a' };
  const publisher = new Publisher<string>({
    clock: {
      now: () => 0,
      after: (_ms, fn) => {
        timers.push(fn);
        return () => {};
      },
    },
    log: silentLogger,
    advert: (revision) => (state.advert === undefined ? undefined : `${state.advert}${revision}`),
    start: async (a) => void done.push(`start ${a}`),
    update: async (a) => void done.push(`update ${a}`),
    stop: async () => void done.push('stop'),
  });
  const pass = async () => {
    for (const fn of timers.splice(0)) fn();
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { publisher, state, done, timers, pass };
}

describe('Publisher', () => {
  it('tells many changes as one, and no news not at all', async () => {
    const { publisher, state, done, timers, pass } = rig();
    await publisher.start();
    publisher.changed();
    publisher.changed();
    expect(timers).toHaveLength(1);
    await pass();
    state.advert = 'b';
    publisher.changed();
    await pass();
    expect(done).toEqual(['start a1', 'update b2']);
  });

  it('tells at once what may not be told later', async () => {
    const { publisher, state, done, pass } = rig();
    await publisher.start();
    state.advert = 'b';
    publisher.changed();
    await publisher.now();
    expect(done).toEqual(['start a1', 'update b2']);
    await pass();
    expect(done).toHaveLength(2);
  });

  it('withdraws the advert when nothing may be told, and comes back', async () => {
    const { publisher, state, done, pass } = rig();
    await publisher.start();
    state.advert = undefined;
    publisher.changed();
    await pass();
    state.advert = 'c';
    publisher.changed();
    await pass();
    await publisher.stop();
    expect(done).toEqual(['start a1', 'stop', 'start c3', 'stop']);
  });
});
