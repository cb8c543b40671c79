/** An agent elsewhere that takes long, and one that is stopped. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { noAnswer, whileAnswering } from '../../src/agent/answering.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = () => new Promise<never>(() => {});
const doneIn = (ms: number) => new Promise<string>((resolve) => setTimeout(() => resolve('done'), ms));

describe('whileAnswering', () => {
  it('waits for as long as the agent answers, be it a refusal, and asks no more afterwards', async () => {
    const pulse = vi.fn(async () => {
      throw new HotdeskError('agent-busy', 'Too many requests at once.');
    });
    const result = whileAnswering(noAnswer('far'), pulse, undefined, () => doneIn(60_000));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await result).toBe('done');
    const asked = pulse.mock.calls.length;
    expect(asked).toBeGreaterThan(5);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pulse).toHaveBeenCalledTimes(asked);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['at once', 0, 5000],
    ['after a while', 12_000, 22_000],
  ])(
    'gives up an agent that hangs %s, and has what it was asked for stopped',
    async (_when, hangs, given) => {
      const since = Date.now();
      let told: AbortSignal | undefined;
      const result = whileAnswering(
        noAnswer('far'),
        () => (Date.now() - since < hangs ? Promise.resolve() : never()),
        undefined,
        (signal) => {
          told = signal;
          return never();
        },
      );
      const failed = expect(result).rejects.toMatchObject({
        code: 'timeout',
        message: expect.stringContaining('The hotdesk agent on far'),
      });
      await vi.advanceTimersByTimeAsync(given - 3000);
      expect(told?.aborted).toBe(false);
      await vi.advanceTimersByTimeAsync(3000);
      await failed;
      expect(told?.aborted).toBe(true);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('does not ask before it is asked to', async () => {
    const pulse = vi.fn(async () => {});
    const result = whileAnswering(noAnswer('far'), pulse, undefined, () => doneIn(8000), 6000);
    await vi.advanceTimersByTimeAsync(5900);
    expect(pulse).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(3000);
    expect(pulse).toHaveBeenCalledTimes(1);
    expect(await result).toBe('done');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stops what it was asked for on demand, and takes its word for that', async () => {
    const stop = new AbortController();
    const result = whileAnswering(
      noAnswer('far'),
      async () => {},
      stop.signal,
      (signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => setTimeout(() => resolve('undone'), 1000));
        }),
    );
    stop.abort();
    await vi.advanceTimersByTimeAsync(1000);
    expect(await result).toBe('undone');
  });

  it('does not wait for its word where it hangs', async () => {
    const result = whileAnswering(noAnswer('far'), never, AbortSignal.abort(), never);
    const failed = expect(result).rejects.toMatchObject({ code: 'timeout' });
    await vi.advanceTimersByTimeAsync(5000);
    await failed;
  });
});
