import { describe, expect, it } from 'vitest';
import { orAbort, sleep, withTimeout } from '../../src/kernel/abort.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';

const late = new HotdeskError('timeout', 'too late');

describe('withTimeout', () => {
  it('fails with the given error, and aborts the work', async () => {
    let aborted = false;
    const work = withTimeout(10, late, undefined, (signal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise(() => {});
    });
    await expect(work).rejects.toBe(late);
    expect(aborted).toBe(true);
  });

  it('gives the answer that came in time', async () => {
    await expect(withTimeout(1000, late, undefined, async () => 7)).resolves.toBe(7);
  });

  it('follows the outer signal', async () => {
    const outer = new AbortController();
    const work = withTimeout(1000, late, outer.signal, () => new Promise(() => {}));
    outer.abort();
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('sleep and orAbort', () => {
  it('end at once when the signal is aborted already', async () => {
    await expect(sleep(1000, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    await expect(orAbort(Promise.resolve(1), AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
