import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Interrupt } from '../../src/cli/interrupt.ts';

function rig() {
  const exits: unknown[] = [];
  const events = new EventEmitter();
  const process = Object.assign(events, { exit: (code: unknown) => exits.push(code) as never });
  const onStopping = vi.fn();
  const interrupt = new Interrupt({ process: process as never, onStopping });
  interrupt.listen();
  return { events, exits, interrupt, onStopping };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Ctrl-C', () => {
  it('asks first, and quits at the second', () => {
    const { events, exits, interrupt, onStopping } = rig();
    events.emit('SIGINT', 'SIGINT');
    expect(interrupt.signal.reason).toMatchObject({ code: 'cancelled' });
    expect(onStopping).toHaveBeenCalledOnce();
    expect(exits).toEqual([]);
    events.emit('SIGINT', 'SIGINT');
    expect(exits).toEqual([130]);
  });

  it('does not wait for ever for what is undone', () => {
    const { events, exits } = rig();
    events.emit('SIGTERM', 'SIGTERM');
    vi.advanceTimersByTime(60_000);
    expect(exits).toEqual([130]);
  });

  it('does nothing any more once the command has ended', () => {
    const { events, exits, interrupt } = rig();
    events.emit('SIGINT', 'SIGINT');
    interrupt.end();
    vi.advanceTimersByTime(60_000);
    expect(exits).toEqual([]);
    expect(events.listenerCount('SIGINT')).toBe(0);
  });

  it('is for the program that has the terminal; SIGTERM is not', async () => {
    const { events, interrupt } = rig();
    await interrupt.paused(async () => {
      events.emit('SIGINT', 'SIGINT');
      expect(interrupt.signal.aborted).toBe(false);
      events.emit('SIGTERM', 'SIGTERM');
      expect(interrupt.signal.aborted).toBe(true);
    });
  });
});
