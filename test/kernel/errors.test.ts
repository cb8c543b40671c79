import { describe, expect, it, vi } from 'vitest';
import { fromErrorData, HotdeskError, toHotdeskError } from '../../src/kernel/errors.ts';

describe('HotdeskError', () => {
  it('crosses a socket whole', () => {
    const error = new HotdeskError('ambiguous', 'two', { hint: 'one of', candidates: ['a', 'b'] });
    const back = fromErrorData(JSON.parse(JSON.stringify(error.toData())));
    expect(back).toMatchObject({ code: 'ambiguous', message: 'two', hint: 'one of', candidates: ['a', 'b'] });
    expect(back.exitCode).toBe(3);
  });

  it('takes an unknown code from a newer peer as internal', () => {
    expect(fromErrorData({ code: 'constructor', message: 'x' }).code).toBe('internal');
  });

  it('is one too when another bundle has made it, with a class of its own', async () => {
    vi.resetModules();
    const other = await import('../../src/kernel/errors.ts');
    expect(other.HotdeskError).not.toBe(HotdeskError);
    const theirs = new other.HotdeskError('timeout', 'late');
    expect(theirs).toBeInstanceOf(HotdeskError);
    expect(toHotdeskError(theirs)).toBe(theirs);
    expect(new Error('x')).not.toBeInstanceOf(HotdeskError);
  });

  it('keeps the cause of what it wraps', () => {
    const cause = new Error('disk');
    expect(toHotdeskError(cause)).toMatchObject({ code: 'internal', message: 'disk', cause });
  });
});
