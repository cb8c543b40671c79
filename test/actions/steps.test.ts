import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runSteps, type Step } from '../../src/actions/steps.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';

const signal = new AbortController().signal;

describe('runSteps', () => {
  it('undoes exactly what was done, last first, whichever step fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 0, max: 6 }),
        async (count, failing) => {
          const log: string[] = [];
          const steps: Step[] = Array.from({ length: count }, (_, i) => ({
            name: `${i}`,
            run: async () => {
              if (i === failing) throw new HotdeskError('viewer-failed', 'no');
              log.push(`+${i}`);
            },
            undo: async () => void log.push(`-${i}`),
          }));
          const work = runSteps(steps, { signal });
          if (failing < count) {
            await expect(work).rejects.toMatchObject({ code: 'viewer-failed' });
            const done = Array.from({ length: failing }, (_, i) => i);
            expect(log).toEqual([...done.map((i) => `+${i}`), ...done.reverse().map((i) => `-${i}`)]);
          } else {
            await work;
            expect(log).toHaveLength(count);
          }
        },
      ),
    );
  });

  it('goes on undoing when one undo fails, and tells', async () => {
    const log: string[] = [];
    const failures: string[] = [];
    const steps: Step[] = [
      { name: 'a', run: async () => {}, undo: async () => void log.push('a') },
      { name: 'b', run: async () => {}, undo: () => Promise.reject(new Error('stuck')) },
      { name: 'c', run: () => Promise.reject(new Error('no')) },
    ];
    await expect(runSteps(steps, { signal, onUndoFailure: (s) => failures.push(s) })).rejects.toThrow('no');
    expect(log).toEqual(['a']);
    expect(failures).toEqual(['b']);
  });

  it('stops between steps when the user does', async () => {
    const stop = new AbortController();
    let undone = false;
    const steps: Step[] = [
      {
        name: 'a',
        run: async () => stop.abort(),
        undo: async () => {
          undone = true;
        },
      },
      { name: 'b', run: async () => expect.unreachable() },
    ];
    await expect(runSteps(steps, { signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(undone).toBe(true);
  });
});
