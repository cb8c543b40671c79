import { describe, expect, it } from 'vitest';
import { socketUse } from '../../src/agent/watch.ts';

const table = (paths: string[]) =>
  [
    'Num RefCount Protocol Flags Type St Inode Path',
    ...paths.map((p) => `000: 00000003 0 0 0001 03 42 ${p}`),
  ].join('\n');

describe('socketUse', () => {
  it('changes when a viewer comes or goes, and with nothing else', () => {
    const patterns = [/\/xpra\/[^/]+-\d+$/u];
    const quiet = socketUse(table(['/run/user/7/xpra/h-100', '/run/dbus/bus']), patterns);
    expect(socketUse(table(['/run/dbus/bus', '/run/dbus/bus', '/run/user/7/xpra/h-100']), patterns)).toBe(
      quiet,
    );
    expect(socketUse(table(['/run/user/7/xpra/h-100', '/run/user/7/xpra/h-100']), patterns)).not.toBe(quiet);
    expect(socketUse(table([]), patterns)).toBe('');
  });
});
