// @ts-check
/** How missing system packages are installed, or why they are not: decided here, done in the scripts. */

/**
 * @typedef {object} Circumstances
 * @property {readonly string[]} missing names of packages
 * @property {(command: string) => boolean} hasCommand
 * @property {boolean} isRoot
 * @property {boolean} isTerminal whether somebody can be asked
 * @property {boolean} yes the user has said yes beforehand
 * @property {boolean} noInstall the user has said no beforehand
 */

/**
 * @typedef {{ action: 'none' }
 *   | { action: 'install' | 'ask', prefix: readonly string[] }
 *   | { action: 'skip', why: string, hint?: string }} Decision
 *   `prefix` goes before apt-get.
 */

/** Package managers that hotdesk knows by name only: package names differ between them. */
const OTHERS = ['dnf', 'pacman', 'zypper', 'apk', 'xbps-install', 'emerge', 'nix-env', 'brew'];

/** Of which xpra has half a desktop. */
const WITHOUT_RECOMMENDED = '--no-install-recommends';

/**
 * @param {Circumstances} at
 * @returns {Decision}
 */
export function decideInstall(at) {
  if (at.missing.length === 0) return { action: 'none' };
  const command = `apt-get install ${WITHOUT_RECOMMENDED} ${at.missing.join(' ')}`;
  if (!at.hasCommand('apt-get')) {
    const manager = OTHERS.find(at.hasCommand);
    const with_ = manager ? `with ${manager}` : "with this system's package manager";
    return {
      action: 'skip',
      why: 'this is no Debian',
      hint: `Install ${with_} what is called on Debian: ${at.missing.join(' ')}`,
    };
  }
  const sudo = !at.isRoot && at.hasCommand('sudo') ? 'sudo ' : '';
  if (at.noInstall) return { action: 'skip', why: 'as you said', hint: `To install: ${sudo}${command}` };
  if (at.isRoot) {
    return { action: at.isTerminal && !at.yes ? 'ask' : 'install', prefix: [] };
  }
  const hint = `To install: sudo ${command}`;
  if (!at.hasCommand('sudo')) return { action: 'skip', why: 'that needs root', hint: `As root: ${command}` };
  // sudo asks for a password: that needs somebody there, whatever was said beforehand.
  if (!at.isTerminal) return { action: 'skip', why: 'nobody is there to be asked for a password', hint };
  return { action: at.yes ? 'install' : 'ask', prefix: ['sudo'] };
}

/**
 * The commands that install `names`, without recommended packages.
 * @param {readonly string[]} names
 * @param {readonly string[]} prefix
 */
export function aptCommands(names, prefix) {
  // What apt says is read by unavailable(), so it is in English.
  const env = ['env', 'DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C.UTF-8'];
  return {
    install: [...prefix, ...env, 'apt-get', 'install', '-y', WITHOUT_RECOMMENDED, ...names],
    update: [...prefix, ...env, 'apt-get', 'update'],
  };
}

/**
 * Those of `names` that apt cannot have here, by what it said: it then installs none of the others either.
 * @param {readonly string[]} names
 * @param {string} output
 */
export function unavailable(names, output) {
  const refused = /^E: (?:Unable to locate package |Package ')([a-z0-9][a-z0-9+.-]*)/gmu;
  const said = new Set([...output.matchAll(refused)].map(([, name]) => name));
  return names.filter((name) => said.has(name));
}
