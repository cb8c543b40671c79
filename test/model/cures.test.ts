import { describe, expect, it } from 'vitest';
import {
  asRoot,
  type Circumstances,
  circumstancesOf,
  DAEMON_PACKAGES,
  installAndStartCure,
  installCure,
  startCure,
} from '../../src/model/cures.ts';

const debian: Circumstances = { manager: 'apt', isRoot: false, hasSudo: true, hasSystemd: true };
const bare: Circumstances = { ...debian, isRoot: true, hasSudo: false, hasSystemd: false };

describe('circumstancesOf', () => {
  it('sees the package manager, sudo and systemd', () => {
    const has =
      (...names: string[]) =>
      (name: string) =>
        names.includes(name);
    expect(circumstancesOf(1000, has('apt-get', 'sudo'), () => true)).toEqual(debian);
    expect(circumstancesOf(0, has('apt-get'), () => false)).toEqual(bare);
    expect(circumstancesOf(0, has('pacman'), () => false).manager).toBe('pacman');
    expect(circumstancesOf(0, has(), () => false).manager).toBeUndefined();
  });
});

describe('asRoot', () => {
  it('says no sudo to root, nor where there is none', () => {
    expect(asRoot(['a', 'b'], { isRoot: true, hasSudo: true })).toBe('`a && b`');
    expect(asRoot(['a', 'b'], { isRoot: false, hasSudo: true })).toBe('`sudo a && sudo b`');
    expect(asRoot(['a'], { isRoot: false, hasSudo: false })).toBe('as root: `a`');
  });
});

describe('installCure', () => {
  it.each([
    ['apt', '`sudo apt install openssh-server`'],
    ['dnf', '`sudo dnf install openssh-server`'],
    ['pacman', '`sudo pacman -S openssh`'],
    ['zypper', '`sudo zypper install openssh`'],
    [undefined, 'Install what Debian calls openssh-server, as this system installs things.'],
  ] as const)('speaks %s', (manager, text) => {
    expect(installCure(DAEMON_PACKAGES.sshd, { ...debian, manager })).toBe(text);
  });
});

describe('startCure', () => {
  it.each([
    ['sshd', debian, '`sudo systemctl enable --now ssh`'],
    ['sshd', { ...debian, manager: 'dnf' }, '`sudo systemctl enable --now sshd`'],
    ['avahi-daemon', debian, '`sudo systemctl enable --now avahi-daemon`'],
    ['sshd', bare, '`service ssh start`'],
    ['avahi-daemon', bare, '`service dbus start && avahi-daemon --daemonize`'],
    ['sshd', { ...bare, manager: 'dnf' }, '`ssh-keygen -A && /usr/sbin/sshd`'],
    ['sshd', { ...bare, manager: 'apk' }, '`rc-service sshd start`'],
  ] as const)('starts %s', (daemon, at, text) => {
    expect(startCure(daemon, at)).toBe(text);
  });
});

describe('installAndStartCure', () => {
  it('starts what an installation leaves stopped', () => {
    expect(installAndStartCure('sshd', debian)).toBe('`sudo apt install openssh-server`');
    expect(installAndStartCure('sshd', bare)).toBe('`apt install openssh-server`, then `service ssh start`');
    expect(installAndStartCure('sshd', { ...debian, manager: 'dnf' })).toContain(', then `sudo systemctl');
  });
});
