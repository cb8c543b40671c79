import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Progress } from '../../src/cli/progress.ts';

function output(columns?: number) {
  const written: string[] = [];
  const out = { isTTY: columns !== undefined, columns, write: (text: string) => written.push(text) };
  const open = vi.fn(() => out);
  return { open, written };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('progress', () => {
  it('is nothing for what takes less than a second', () => {
    const { open } = output(80);
    const progress = new Progress(open, 'asking');
    progress.report('starting');
    vi.advanceTimersByTime(900);
    progress.end();
    vi.advanceTimersByTime(5000);
    expect(open).not.toHaveBeenCalled();
  });

  it('is one line on a terminal, rewritten and taken away at the end', () => {
    const { open, written } = output(24);
    const progress = new Progress(open, 'asking');
    vi.advanceTimersByTime(1000);
    progress.report('starting an application\u001b[2J of a long name');
    progress.end();
    expect(written).toEqual(['\r\u001b[Kasking …', '\r\u001b[Kstarting an applicatio…', '\r\u001b[K']);
  });

  it('is off the screen while a person is asked', () => {
    const { open, written } = output(80);
    const progress = new Progress(open, 'asking');
    vi.advanceTimersByTime(1000);
    const release = progress.hold();
    progress.report('connecting');
    vi.advanceTimersByTime(60_000);
    expect(written).toEqual(['\r\u001b[Kasking …', '\r\u001b[K']);
    release();
    progress.end();
    expect(written.slice(2)).toEqual(['\r\u001b[Kconnecting …', '\r\u001b[K']);
  });

  it('is a line a stage elsewhere, from the latest on', () => {
    const { open, written } = output();
    const progress = new Progress(open, 'asking');
    progress.report('starting');
    vi.advanceTimersByTime(1000);
    progress.report('starting');
    progress.report('opening');
    progress.end();
    expect(written).toEqual(['starting …\n', 'opening …\n']);
  });
});
