import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { whileConnecting } from '../../src/viewer/connecting.ts';
import { OutputTail } from '../../src/viewer/output.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watched({ connects }: { connects: RegExp | undefined } = { connects: /^connects/u }) {
  const output = new OutputTail();
  let exit = () => {};
  const exited = new Promise<void>((resolve) => {
    exit = resolve;
  });
  const connecting = whileConnecting({ connects, done: [/^shown/u, undefined, /^fails/u] }, output, exited);
  const settled = { over: 0, late: false };
  void connecting.late.then(() => {
    settled.late = true;
  });
  const ask = () =>
    void connecting.over().then(() => {
      settled.over += 1;
    });
  return { settled, ask, exit: () => exit(), say: (line: string) => output.push(Buffer.from(`${line}\n`)) };
}

describe('whileConnecting', () => {
  it('lets one be ended at once before it connects, and where nothing says that it does', async () => {
    const before = watched();
    const never = watched({ connects: undefined });
    for (const each of [before, never]) {
      each.say('begins');
      each.ask();
    }
    never.say('connects');
    never.ask();
    await vi.advanceTimersByTimeAsync(0);
    expect(before.settled).toEqual({ over: 1, late: false });
    expect(never.settled).toEqual({ over: 2, late: false });
  });

  it.each(['shown', 'fails'])('waits for “%s”, for whoever asks', async (line) => {
    const one = watched();
    one.say('connects');
    one.ask();
    one.ask();
    await vi.advanceTimersByTimeAsync(2900);
    expect(one.settled.over).toBe(0);
    one.say(line);
    one.ask();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(one.settled).toEqual({ over: 3, late: false });
  });

  it('waits for its end', async () => {
    const one = watched();
    one.say('connects');
    one.ask();
    one.exit();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(one.settled).toEqual({ over: 1, late: false });
  });

  it('waits for 3 s and no longer, whatever it says besides', async () => {
    const one = watched();
    one.say('connects');
    one.ask();
    await vi.advanceTimersByTimeAsync(2000);
    one.say('connects');
    await vi.advanceTimersByTimeAsync(990);
    expect(one.settled).toEqual({ over: 0, late: false });
    await vi.advanceTimersByTimeAsync(20);
    expect(one.settled).toEqual({ over: 1, late: true });
  });

  it('takes no further connection of one that shows for the first', async () => {
    const one = watched();
    one.say('shown');
    one.say('connects');
    one.ask();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(one.settled).toEqual({ over: 1, late: false });
  });
});
