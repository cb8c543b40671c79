import { describe, expect, it } from 'vitest';
import { MANAGERS } from '../../../src/wizard/far/far.ts';
import { installationOf } from '../../../src/wizard/far/packages.ts';

const INSTALL = {
  debian: 'apt install xpra xvfb',
  fedora: 'dnf install xpra',
  arch: 'pacman -S xpra',
  suse: 'zypper install xpra',
  alpine: 'apk add xpra',
  macos: 'brew install xpra',
  any: 'see https://xpra.org',
};

describe('installationOf', () => {
  it.each([
    [['ubuntu', 'debian'], 'sudo apt-get install xpra xvfb', 'sudo apt-get remove xpra xvfb'],
    [['fedora'], 'sudo dnf install xpra', 'sudo dnf remove xpra'],
    [['arch'], 'sudo pacman -S xpra', 'sudo pacman -R xpra'],
    [['opensuse-leap', 'suse', 'opensuse'], 'sudo zypper install xpra', 'sudo zypper remove xpra'],
    [['alpine'], 'sudo apk add xpra', 'sudo apk del xpra'],
    [['macos'], 'brew install xpra', 'brew uninstall xpra'],
  ])('knows what %j types', (os, shown, remove) => {
    expect(installationOf(INSTALL, os, MANAGERS)).toMatchObject({ shown, remove });
  });

  it('asks nothing, and has no option among its packages', () => {
    for (const os of ['debian', 'fedora', 'arch', 'suse', 'alpine']) {
      const { argv, asRoot } = installationOf(INSTALL, [os], MANAGERS) ?? {};
      expect(asRoot).toBe(true);
      expect(argv?.join(' ')).toMatch(/ -y |--noconfirm|--non-interactive|apk add/u);
      expect(argv).toContain('xpra');
    }
    expect(installationOf({ debian: 'apt install -o Dir=/x xpra' }, ['debian'], MANAGERS)).toBeUndefined();
    expect(installationOf({ debian: 'apt install $(id)' }, ['debian'], MANAGERS)).toBeUndefined();
  });

  it('is none for a system without that manager, or one that the profile does not know', () => {
    expect(installationOf(INSTALL, ['debian'], ['dnf'])).toBeUndefined();
    expect(installationOf(INSTALL, ['void'], MANAGERS)).toBeUndefined();
    expect(installationOf(INSTALL, ['any'], MANAGERS)).toBeUndefined();
    expect(installationOf({}, ['__proto__'], MANAGERS)).toBeUndefined();
  });
});
