import { describe, expect, it } from 'vitest';
import { Compilers, wantsCompilers } from '../../src/agent/compilers.ts';

/** A clock that is moved by hand; one timer at a time is all that is wanted here. */
function clock() {
  let due: (() => void) | undefined;
  return {
    now: () => 0,
    after: (_ms: number, fn: () => void) => {
      due = fn;
      return () => {
        due = undefined;
      };
    },
    tick() {
      const fn = due;
      due = undefined;
      fn?.();
    },
    isSet: () => due !== undefined,
  };
}

describe('compilers', () => {
  it.each([
    [0.002, false, false],
    [0.2, false, true],
    [0, true, true],
  ])('at %d of a core and connected: %s, are wanted: %s', (share, connected, wanted) => {
    expect(wantsCompilers(share, connected)).toBe(wanted);
  });

  it('are off from the start, and come on when it works, connects or is about to', () => {
    const time = clock();
    const said: boolean[] = [];
    let used = 0;
    let connected = false;
    const compilers = new Compilers({
      clock: time,
      isConnected: () => connected,
      usedMs: () => used,
      set: (on) => said.push(on),
    });
    compilers.start();
    expect(said).toEqual([false]);
    used = 400;
    time.tick();
    expect(said, 'nothing is said twice').toEqual([false]);
    used += 1000;
    time.tick();
    expect(said).toEqual([false, true]);
    time.tick();
    expect(said).toEqual([false, true, false]);
    compilers.warm();
    connected = true;
    time.tick();
    expect(said).toEqual([false, true, false, true]);
    compilers.stop();
    expect(time.isSet()).toBe(false);
  });
});
