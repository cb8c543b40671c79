import { describe, expect, it } from 'vitest';
import { aptCommands, decideInstall, unavailable } from '../../scripts/lib/install.mjs';

const at = (changes: Partial<Parameters<typeof decideInstall>[0]> & { has?: readonly string[] } = {}) => {
  const { has = ['apt-get', 'sudo'], ...rest } = changes;
  return decideInstall({
    missing: ['xpra', 'tmux'],
    hasCommand: (command) => has.includes(command),
    isRoot: false,
    isTerminal: true,
    yes: false,
    noInstall: false,
    ...rest,
  });
};

describe('decideInstall', () => {
  it('does nothing where nothing is missing', () => {
    expect(at({ missing: [] })).toEqual({ action: 'none' });
  });

  it('asks on a terminal, root or not', () => {
    expect(at()).toEqual({ action: 'ask', prefix: ['sudo'] });
    expect(at({ isRoot: true })).toEqual({ action: 'ask', prefix: [] });
  });

  it('installs as root without a terminal, and where yes was said', () => {
    expect(at({ isRoot: true, isTerminal: false })).toEqual({ action: 'install', prefix: [] });
    expect(at({ isRoot: true, yes: true })).toEqual({ action: 'install', prefix: [] });
    expect(at({ yes: true })).toEqual({ action: 'install', prefix: ['sudo'] });
  });

  it('never waits for a password that nobody can give', () => {
    expect(at({ isTerminal: false })).toMatchObject({ action: 'skip' });
    expect(at({ isTerminal: false, yes: true })).toMatchObject({ action: 'skip' });
  });

  it('goes on without where it may not or cannot, and says how to install', () => {
    expect(at({ noInstall: true })).toMatchObject({
      action: 'skip',
      hint: 'To install: sudo apt-get install --no-install-recommends xpra tmux',
    });
    expect(at({ noInstall: true, isRoot: true, isTerminal: false })).toMatchObject({ action: 'skip' });
    expect(at({ has: ['apt-get'] })).toMatchObject({
      action: 'skip',
      hint: 'As root: apt-get install --no-install-recommends xpra tmux',
    });
  });

  it.each(['dnf', 'pacman', 'zypper', 'apk'])('names %s where that is what there is', (manager) => {
    const decision = at({ has: [manager, 'sudo'], isRoot: true, isTerminal: false });
    expect(decision).toMatchObject({ action: 'skip', why: 'this is no Debian' });
    expect(decision).toHaveProperty('hint', expect.stringContaining(`with ${manager} `));
  });
});

describe('aptCommands', () => {
  it('never ask, and take no recommended packages', () => {
    const { install, update } = aptCommands(['xpra'], ['sudo']);
    expect(install.join(' ')).toBe(
      'sudo env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get install -y --no-install-recommends xpra',
    );
    expect(update.slice(-2)).toEqual(['apt-get', 'update']);
  });
});

describe('unavailable', () => {
  it('finds what apt does not have', () => {
    const said = [
      'Reading package lists...',
      'E: Unable to locate package xpra',
      "E: Package 'python3-gi-cairo' has no installation candidate",
      'E: Unable to locate package something-else',
    ].join('\n');
    expect(unavailable(['xpra', 'python3-gi-cairo', 'tmux'], said)).toEqual(['xpra', 'python3-gi-cairo']);
  });

  it('is nothing where something else went wrong', () => {
    expect(unavailable(['xpra'], 'E: Failed to fetch http://host/xpra_3.deb  404')).toEqual([]);
  });
});
