import { describe, expect, it } from 'vitest';
import { lookAfter, socketUse } from '../../src/agent/watch.ts';

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

describe('lookAfter', () => {
  it('is up to two minutes for a quiet backend, and never more often than its profile says', () => {
    expect([1, 2, 4, 6].map((pauses) => lookAfter(60_000, pauses))).toEqual([
      60_000, 120_000, 120_000, 120_000,
    ]);
    expect([1, 2, 4, 6].map((pauses) => lookAfter(5000, pauses))).toEqual([5000, 10_000, 20_000, 30_000]);
    expect([1, 2].map((pauses) => lookAfter(600_000, pauses))).toEqual([600_000, 600_000]);
  });
});
