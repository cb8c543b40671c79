/** Commands that cure a machine, in the words of that machine: its package manager, its init, who asks. Pure. */

export const PACKAGE_MANAGERS = ['apt', 'dnf', 'pacman', 'zypper', 'apk'] as const;
export type PackageManager = (typeof PACKAGE_MANAGERS)[number];

/** What decides how a command is said. */
export interface Circumstances {
  readonly manager: PackageManager | undefined;
  readonly isRoot: boolean;
  readonly hasSudo: boolean;
  /** systemd is its init: see sd_booted(3). */
  readonly hasSystemd: boolean;
}

/** What this machine is like. @param has whether a program is there @param exists whether a path is */
export function circumstancesOf(
  uid: number,
  has: (program: string) => boolean,
  exists: (path: string) => boolean,
): Circumstances {
  return {
    manager: PACKAGE_MANAGERS.find((each) => has(each === 'apt' ? 'apt-get' : each)),
    isRoot: uid === 0,
    hasSudo: has('sudo'),
    hasSystemd: exists('/run/systemd/system'),
  };
}

/** Packages by the manager whose names they are; apt's are for all that have none of their own. */
export type Packages = { readonly apt: string } & { readonly [manager in PackageManager]?: string };

const INSTALL: Readonly<Record<PackageManager, string>> = {
  apt: 'apt install',
  dnf: 'dnf install',
  pacman: 'pacman -S',
  zypper: 'zypper install',
  apk: 'apk add',
};

/** The command that installs them, as a hint: `sudo apt install xpra`. */
export function installCure(packages: Packages, at: Circumstances): string {
  const { manager } = at;
  if (manager === undefined)
    return `Install what Debian calls ${packages.apt}, as this system installs things.`;
  return asRoot([`${INSTALL[manager]} ${packages[manager] ?? packages.apt}`], at);
}

/** A daemon that hotdesk wants. */
export type Daemon = 'avahi-daemon' | 'sshd';

export const DAEMON_PACKAGES: Readonly<Record<Daemon, Packages>> = {
  'avahi-daemon': {
    apt: 'avahi-daemon libnss-mdns',
    dnf: 'avahi nss-mdns',
    pacman: 'avahi nss-mdns',
    zypper: 'avahi nss-mdns',
    apk: 'avahi',
  },
  sshd: { apt: 'openssh-server', pacman: 'openssh', zypper: 'openssh' },
};

/** The command that starts an installed daemon, and keeps it started where systemd runs. */
export function startCure(daemon: Daemon, at: Circumstances): string {
  const isDebian = at.manager === 'apt';
  if (at.hasSystemd) {
    return asRoot([`systemctl enable --now ${daemon === 'sshd' && isDebian ? 'ssh' : daemon}`], at);
  }
  if (at.manager === 'apk') return asRoot([`rc-service ${daemon} start`], at);
  if (daemon === 'sshd')
    return asRoot(isDebian ? ['service ssh start'] : ['ssh-keygen -A', '/usr/sbin/sshd'], at);
  // Debian's avahi-daemon has a systemd unit only: `service avahi-daemon start` finds nothing.
  return asRoot([...(isDebian ? ['service dbus start'] : []), 'avahi-daemon --daemonize'], at);
}

/** Install it, then start it. Debian starts what it installs, where there is an init that can. */
export function installAndStartCure(daemon: Daemon, at: Circumstances): string {
  const install = installCure(DAEMON_PACKAGES[daemon], at);
  if (at.manager === undefined || (at.manager === 'apt' && at.hasSystemd)) return install;
  return `${install}, then ${startCure(daemon, at)}`;
}

/** Commands for root, as whoever this is can give them. */
export function asRoot(commands: readonly string[], at: Pick<Circumstances, 'isRoot' | 'hasSudo'>): string {
  if (at.isRoot) return `\`${commands.join(' && ')}\``;
  if (at.hasSudo) return `\`${commands.map((command) => `sudo ${command}`).join(' && ')}\``;
  return `as root: \`${commands.join(' && ')}\``;
}
