/** How a package manager is told to install what a profile needs. Pure. */
import { MANAGERS, type Manager } from './far.ts';

export interface Installation {
  readonly manager: Manager;
  readonly packages: readonly string[];
  /** Whether it must be root who runs it. */
  readonly asRoot: boolean;
  /** As a person would type it. */
  readonly shown: string;
  /** Asks nothing. */
  readonly argv: readonly string[];
  /** How it is taken back, as a person would type it. */
  readonly remove: string;
}

const PACKAGE = /^[A-Za-z0-9][A-Za-z0-9+._@/-]*$/u;
/** Names by which profiles call the managers. */
const NAMES: Readonly<Record<string, Manager>> = {
  apt: 'apt-get',
  'apt-get': 'apt-get',
  dnf: 'dnf',
  pacman: 'pacman',
  zypper: 'zypper',
  apk: 'apk',
  brew: 'brew',
};
/** The words before the packages: as typed, and asking nothing; then those that take them away. */
const WORDS: Readonly<Record<Manager, readonly [string, readonly string[], string]>> = {
  'apt-get': ['apt-get install', [], 'apt-get remove'],
  dnf: ['dnf install', ['dnf', 'install', '-y', '--'], 'dnf remove'],
  pacman: ['pacman -S', ['pacman', '-S', '--needed', '--noconfirm', '--'], 'pacman -R'],
  zypper: ['zypper install', ['zypper', '--non-interactive', 'install', '--'], 'zypper remove'],
  apk: ['apk add', ['apk', 'add', '--'], 'apk del'],
  brew: ['brew install', ['brew', 'install', '--'], 'brew uninstall'],
};
/** Package lists may be missing or old: then once more with fresh ones. */
const APT = `export DEBIAN_FRONTEND=noninteractive
apt-get install -y -- "$@" || { apt-get update && apt-get install -y -- "$@"; }`;

/**
 * The installation that a profile names for a system.
 * @param install of the profile: commands by the ID of os-release(5)
 * @param os ID and ID_LIKE of the system; `macos`
 * @returns undefined where it names none that this system has the manager for
 */
export function installationOf(
  install: Readonly<Record<string, string>>,
  os: readonly string[],
  managers: readonly Manager[],
): Installation | undefined {
  for (const id of os) {
    const words = Object.hasOwn(install, id) ? (install[id]?.split(/\s+/u) ?? []) : [];
    const manager = NAMES[words[0] ?? ''];
    const packages = words.slice(2);
    if (!manager || !managers.includes(manager)) continue;
    if (packages.length === 0 || !packages.every((name) => PACKAGE.test(name))) continue;
    return installation(manager, packages);
  }
  return undefined;
}

function installation(manager: Manager, packages: readonly string[]): Installation {
  const [typed, quiet, remove] = WORDS[manager];
  // Homebrew refuses to run as root.
  const asRoot = manager !== 'brew';
  const sudo = asRoot ? 'sudo ' : '';
  const argv = manager === 'apt-get' ? ['sh', '-c', APT, 'sh', ...packages] : [...quiet, ...packages];
  return {
    manager,
    packages,
    asRoot,
    argv,
    shown: `${sudo}${typed} ${packages.join(' ')}`,
    remove: `${sudo}${remove} ${packages.join(' ')}`,
  };
}

/** The managers among names of programs. */
export function managersIn(names: readonly string[]): Manager[] {
  return MANAGERS.filter((name) => names.includes(name));
}
