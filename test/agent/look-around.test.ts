import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { lookingAround } from '../../src/agent/look-around.ts';
import type { Catalogue } from '../../src/catalogue/store.ts';
import type { HostState } from '../../src/model/host.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

function rig(startedAt: number) {
  const hosts: { state: HostState }[] = [{ state: 'local' }];
  let looks = 0;
  const look = lookingAround({
    links: {
      lookAround: () => {
        looks += 1;
      },
    },
    catalogue: { snapshot: () => ({ hosts }) } as unknown as Catalogue,
    startedAt,
  });
  let tookMs: number | undefined;
  const start = (waitMs: number, signal = new AbortController().signal) =>
    look(waitMs, signal).then(() => {
      tookMs = Date.now() - 1_000_000;
    });
  return { hosts, start, looks: () => looks, tookMs: () => tookMs };
}

it('waits for nobody where all have answered, and looks all the same', async () => {
  const { start, looks, tookMs } = rig(0);
  await start(5000);
  expect(tookMs()).toBe(0);
  expect(looks()).toBeGreaterThan(0);
});

it('waits for who is being connected to, also those that are found meanwhile, and no longer than wanted', async () => {
  const { hosts, start, tookMs, looks } = rig(0);
  hosts.push({ state: 'connecting' });
  void start(5000);
  await vi.advanceTimersByTimeAsync(1000);
  hosts.push({ state: 'connecting' });
  hosts[1] = { state: 'agent' };
  await vi.advanceTimersByTimeAsync(1000);
  expect(tookMs()).toBeUndefined();
  expect(looks()).toBeGreaterThan(10);
  await vi.advanceTimersByTimeAsync(3100);
  expect(tookMs()).toBe(5000);
});

it('gives an agent that has just started time to find somebody', async () => {
  const { start, tookMs } = rig(1_000_000);
  void start(5000);
  await vi.advanceTimersByTimeAsync(5000);
  expect(tookMs()).toBeGreaterThanOrEqual(1200);
  expect(tookMs()).toBeLessThan(1300);
});

it('is called off', async () => {
  const { hosts, start } = rig(0);
  hosts.push({ state: 'connecting' });
  const caller = new AbortController();
  const looking = start(5000, caller.signal).catch(({ code }: { code: string }) => code);
  caller.abort();
  expect(await looking).toBe('cancelled');
});
