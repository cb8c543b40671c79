// @ts-check
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** @typedef {import('./packages.mjs').SystemPackage} SystemPackage */

/**
 * What a probe asks of the machine.
 * @typedef {object} Machine
 * @property {(command: string) => boolean} hasCommand
 * @property {(modules: readonly string[]) => ReadonlySet<string>} pythonModules those of the modules that are there
 * @property {(name: string) => boolean} hasLibrary
 */

/**
 * The packages whose programs are not there.
 * @param {readonly SystemPackage[]} packages
 * @param {Machine} machine
 * @returns {SystemPackage[]}
 */
export function missingOf(packages, machine) {
  const wanted = packages.flatMap(({ probe }) => ('python' in probe ? [probe.python] : []));
  const modules = wanted.length > 0 ? machine.pythonModules(wanted) : new Set();
  return packages.filter(({ probe }) => {
    if ('command' in probe) return !machine.hasCommand(probe.command);
    if ('python' in probe) return !modules.has(probe.python);
    return !machine.hasLibrary(probe.library);
  });
}

/** Daemons live where a user's PATH may not look. */
const SBIN = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

const FIND_MODULES = `
import importlib.util, sys
for name in sys.argv[1:]:
    try:
        if importlib.util.find_spec(name): print(name)
    except ImportError: pass
`;

/** @type {Machine & { whereIs: (command: string) => string | undefined }} */
export const thisMachine = {
  whereIs(command) {
    const folders = [...(process.env.PATH ?? '').split(':').filter(path.isAbsolute), ...SBIN];
    return folders.map((folder) => path.join(folder, command)).find(isProgram);
  },
  hasCommand: (command) => thisMachine.whereIs(command) !== undefined,
  pythonModules(modules) {
    // The system's Python, not one of a virtual environment: xpra runs in that.
    const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
    const run = spawnSync(python, ['-c', FIND_MODULES, ...modules], { encoding: 'utf8', timeout: 10_000 });
    return new Set((run.stdout ?? '').split('\n').filter(Boolean));
  },
  hasLibrary(name) {
    const folders = ['/lib', '/usr/lib', '/lib64', '/usr/lib64'];
    const nested = folders.flatMap((folder) => {
      try {
        const entries = readdirSync(folder).filter((entry) => entry.includes('-linux-'));
        return [folder, ...entries.map((entry) => path.join(folder, entry))];
      } catch {
        return [];
      }
    });
    return nested.some((folder) => existsSync(path.join(folder, name)));
  },
};
