import { expect, test } from 'vitest';
import { steady } from '../../src/kernel/clock.ts';

test('a steady clock goes on from where it was when the system’s is set back, and ahead with it', () => {
  let system = 1000;
  const clock = steady({ now: () => system, after: () => () => {} });
  const at = (now: number) => {
    system = now;
    return clock.now();
  };
  expect([at(1000), at(1500)]).toEqual([1000, 1500]);
  expect([at(200), at(300)]).toEqual([1500, 1600]);
  // Set back once more, then right again: an hour ahead is what a machine that slept tells too.
  expect([at(100), at(150)]).toEqual([1600, 1650]);
  expect(at(3_600_150)).toBe(3_601_650);
});

test('its timers are those of the clock below', () => {
  const asked: number[] = [];
  const cancel = () => {};
  const clock = steady({
    now: () => 0,
    after: (ms) => {
      asked.push(ms);
      return cancel;
    },
  });
  expect(clock.after(70, () => {})).toBe(cancel);
  expect(asked).toEqual([70]);
});
