import { expect, it } from 'vitest';
import { Throttle } from '../../../src/agent/advertise/throttle.ts';
import { FakeClock } from '../../discovery/mdns/crafted.ts';

it('lets one through at once, and of those that follow the last, a second later', async () => {
  const clock = new FakeClock();
  const throttle = new Throttle(1000, clock);
  const done: number[] = [];
  const run = (n: number) => throttle.run(async () => void done.push(n));
  await run(1);
  const waiting = [run(2), run(3), run(4)];
  expect(done).toEqual([1]);
  clock.advance(999);
  expect(done).toEqual([1]);
  clock.advance(1);
  await Promise.all(waiting);
  expect(done).toEqual([1, 4]);
  clock.advance(1000);
  await run(5);
  expect(done).toEqual([1, 4, 5]);
});

it('settles what waits when it is cancelled, and runs nothing', async () => {
  const clock = new FakeClock();
  const throttle = new Throttle(1000, clock);
  let ran = 0;
  await throttle.run(async () => void ran++);
  const waiting = throttle.run(async () => void ran++);
  throttle.cancel();
  await waiting;
  clock.advance(5000);
  expect(ran).toBe(1);
});
