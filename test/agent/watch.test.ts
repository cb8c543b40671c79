import { describe, expect, it } from 'vitest';
import { socketUse } from '../../src/agent/watch.ts';

const table = (paths: string[], firstInode = 42) =>
  [
    'Num RefCount Protocol Flags Type St Inode Path',
    ...paths.map((p, at) => `000: 00000003 0 0 0001 03 ${firstInode + at} ${p}`),
  ].join('\n');

describe('socketUse', () => {
  it('changes when a viewer comes or goes, and with nothing else', () => {
    const patterns = [/\/xpra\/[^/]+-\d+$/u];
    const quiet = socketUse(table(['/run/user/7/xpra/h-100', '/run/dbus/bus']), patterns);
    expect(socketUse(table(['/run/dbus/bus', '/run/dbus/bus', '/run/user/7/xpra/h-100'], 40), patterns)).toBe(
      quiet,
    );
    expect(socketUse(table(['/run/user/7/xpra/h-100', '/run/user/7/xpra/h-100']), patterns)).not.toBe(quiet);
    expect(socketUse(table([]), patterns)).toBe('');
  });

  it('changes when one viewer takes the place of another', () => {
    const patterns = [/\/xpra\/[^/]+-\d+$/u];
    const paths = ['/run/user/7/xpra/h-100'];
    expect(socketUse(table(paths, 43), patterns)).not.toBe(socketUse(table(paths), patterns));
  });
});
