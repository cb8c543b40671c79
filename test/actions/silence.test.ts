import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answered, isSilence } from '../../src/actions/silence.ts';
import { type ErrorCode, HotdeskError } from '../../src/kernel/errors.ts';

const errorOf = (code: ErrorCode) => new HotdeskError(code, 'No.');

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('isSilence', () => {
  it.each(['connection-lost', 'connection-refused', 'host-unreachable', 'timeout', 'cancelled'] as const)(
    '%s: nobody knows whether the host did anything',
    (code) => {
      expect(isSilence(errorOf(code))).toBe(true);
    },
  );

  it.each(['auth-failed', 'command-failed', 'session-gone', 'session-busy', 'internal'] as const)(
    '%s is an answer',
    (code) => {
      expect(isSilence(errorOf(code))).toBe(false);
    },
  );
});

describe('answered', () => {
  it('asks again until there is an answer, and says each time that there is none', async () => {
    const work = vi.fn<() => Promise<string>>();
    work.mockRejectedValueOnce(errorOf('timeout')).mockRejectedValueOnce(errorOf('connection-lost'));
    work.mockResolvedValue('yes');
    const onSilence = vi.fn();
    const running = answered(work, onSilence);
    await vi.advanceTimersByTimeAsync(4000);
    expect(await running).toBe('yes');
    expect(work).toHaveBeenCalledTimes(3);
    expect(onSilence).toHaveBeenCalledTimes(2);
  });

  it('a refusal is an answer: it is not asked again', async () => {
    const work = vi.fn(async () => {
      throw errorOf('session-busy');
    });
    await expect(answered(work)).rejects.toMatchObject({ code: 'session-busy' });
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('ends with the last silence, after a minute and a half', async () => {
    const work = vi.fn(async () => {
      throw errorOf('host-unreachable');
    });
    const failing = expect(answered(work)).rejects.toMatchObject({ code: 'host-unreachable' });
    await vi.advanceTimersByTimeAsync(89_000);
    const before = work.mock.calls.length;
    await vi.advanceTimersByTimeAsync(10_000);
    await failing;
    expect(before).toBe(45);
    expect(work.mock.calls.length - before).toBeLessThan(3);
    expect(vi.getTimerCount()).toBe(0);
  });
});
