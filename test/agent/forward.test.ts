import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { carrier } from '../../src/agent/forward.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function rig() {
  const open = async () => new PassThrough();
  const through = carrier({ open, holdMs: 0 });
  const connect = () => through.take(new PassThrough() as never);
  let over = 0;
  const ask = async () => {
    await through.settled();
    over = performance.now();
  };
  const began = performance.now();
  return { through, connect, ask, after: () => over - began, elsewhere: open };
}

describe('a viewer that is led elsewhere', () => {
  it('can be ended at once while it has connected to nothing there', async () => {
    const one = rig();
    one.connect();
    await one.ask();
    one.through.lead(one.elsewhere);
    await one.ask();
    one.through.lead(undefined);
    one.connect();
    await one.ask();
    expect(one.after()).toBe(0);
  });

  it('is let alone for a second after each of its connections there', async () => {
    const one = rig();
    one.through.lead(async () => new PassThrough());
    one.connect();
    await vi.advanceTimersByTimeAsync(600);
    one.connect();
    one.through.lead(undefined);
    const asked = one.ask();
    await vi.advanceTimersByTimeAsync(5000);
    await asked;
    expect(one.after()).toBe(1600);
    const again = one.ask();
    await again;
    expect(one.after()).toBe(5600);
  });

  it('is ended after three seconds even where it connects without end, and at once where its forward is closed', async () => {
    const one = rig();
    one.through.lead(async () => new PassThrough());
    one.connect();
    const connecting = setInterval(one.connect, 300);
    const asked = one.ask();
    await vi.advanceTimersByTimeAsync(10_000);
    await asked;
    clearInterval(connecting);
    expect(one.after()).toBe(3000);
    const closed = one.ask();
    await vi.advanceTimersByTimeAsync(100);
    one.through.end();
    await closed;
    expect(one.after()).toBe(10_100);
  });
});
