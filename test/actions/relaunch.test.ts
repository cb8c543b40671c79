import { describe, expect, it } from 'vitest';
import { relaunchOf } from '../../src/actions/relaunch.ts';
import { HOST, sessionOf } from './fake-context.ts';

const words = ['sh', '-c', 'echo "a b"', ''];

describe('the same command on another host', () => {
  it('is its words as they were, by the same backend where that host has it', () => {
    expect(relaunchOf(sessionOf({ name: 'it' }), HOST, words, ':0')).toMatchObject({
      ...{ host: HOST, command: words, backend: 'xpra', name: 'it', kind: 'app' },
      ...{ attach: true, seat: ':0' },
    });
    const other = relaunchOf(sessionOf({ backend: 'vnc' }), HOST, words, undefined);
    expect(other).not.toHaveProperty('backend');
    expect(other.attach).toBe(false);
  });

  it('a login shell is a shell, a desktop what the host has for one', () => {
    const shell = relaunchOf(sessionOf({ kind: 'terminal', backend: 'tmux' }), HOST, ['-bash'], ':0');
    expect(shell).toMatchObject({ command: [], attach: false, backend: 'tmux' });
    expect(relaunchOf(sessionOf({ kind: 'desktop' }), HOST, undefined, ':0').command).toEqual([]);
  });

  it('what nobody knows for certain is refused, with the way to say it', () => {
    expect(() => relaunchOf(sessionOf({ command: 'xterm -e top' }), HOST, undefined, ':0')).toThrow(
      expect.objectContaining({
        code: 'not-supported',
        hint: expect.stringContaining('hotdesk start alpha --'),
      }),
    );
  });

  it.each(['vm', 'shadow'] as const)('a %s is never started twice', (kind) => {
    expect(() => relaunchOf(sessionOf({ kind }), HOST, words, ':0')).toThrow(
      expect.objectContaining({ code: 'not-supported' }),
    );
  });
});
