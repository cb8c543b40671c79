// @ts-check
/** The steps that npm start and npm test have in common. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { confirm } from './confirm.mjs';
import { aptCommands, decideInstall, unavailable } from './install.mjs';
import { missingOf, thisMachine } from './probe.mjs';
import { areModulesStale, isBuildStale } from './stale.mjs';
import { StepFailed, step } from './step.mjs';

/** @typedef {import('./packages.mjs').SystemPackage} SystemPackage */

/**
 * @typedef {object} Answers
 * @property {boolean} yes
 * @property {boolean} noInstall
 */

/**
 * Installs npm dependencies where they are missing or not those of package-lock.json.
 * @param {string} root
 */
export async function prepareModules(root) {
  if (!areModulesStale(root)) return;
  await step('Installing npm packages', ['npm', 'ci', '--no-audit', '--no-fund'], { cwd: root });
}

/**
 * Builds dist/ where it is missing or older than the source.
 * @param {string} root
 */
export async function prepareBuild(root) {
  if (!isBuildStale(root)) return;
  await step('Building', [process.execPath, path.join(root, 'scripts', 'build.mjs')], { cwd: root });
}

/**
 * Installs what is missing of `packages`, as far as that may be done.
 * @param {readonly SystemPackage[]} missing
 * @param {Answers} answers
 * @returns {Promise<SystemPackage[]>} what is missing still
 */
export async function installMissing(missing, answers) {
  const names = missing.map(({ name }) => name);
  const decision = decideInstall({
    missing: names,
    hasCommand: thisMachine.hasCommand,
    isRoot: process.getuid?.() === 0,
    isTerminal: Boolean(process.stdin.isTTY && process.stderr.isTTY),
    ...answers,
  });
  if (decision.action === 'none') return [];
  if (decision.action === 'skip') {
    console.log(`Going on without what is missing: ${decision.why}.`);
    if (decision.hint !== undefined) console.log(decision.hint);
    return [...missing];
  }
  const { prefix } = decision;
  const { install } = aptCommands(names, prefix);
  if (
    decision.action === 'ask' &&
    !(await confirm(`Install what is missing?\n  ${install.join(' ')}\n`, true))
  ) {
    console.log('Going on without what is missing.');
    return [...missing];
  }
  try {
    // Asks for the password by itself, so that no progress line runs over the question.
    if (prefix.includes('sudo')) await step('Asking for the password', ['sudo', '-v'], { talks: true });
    await installAll(names, prefix);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    const reason = error.output.split('\n').filter((line) => /^(E:|W: Failed)/u.test(line));
    console.log([error.message, ...reason.slice(0, 5)].join('\n'));
  }
  const still = missingOf(missing, thisMachine);
  if (still.length === missing.length) console.log('Going on without what is missing.');
  else
    for (const { name, without } of still)
      console.log(`Going on without ${name}${without ? `: ${without}` : ''}.`);
  return still;
}

/**
 * @param {readonly string[]} names
 * @param {readonly string[]} prefix
 * @throws {StepFailed} where some could not be installed
 */
async function installAll(names, prefix) {
  const title = 'Installing system packages';
  const { install, update } = aptCommands(names, prefix);
  try {
    await step(title, install);
    return;
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
  }
  // A fresh container has no package lists, an old one has stale ones.
  const fetched = await step('Fetching package lists', update);
  try {
    await step(title, install);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    const refused = unavailable(names, error.output);
    const others = names.filter((name) => !refused.includes(name));
    if (refused.length > 0 && others.length > 0) {
      await step(title, aptCommands(others, prefix).install);
      throw new StepFailed(`apt-get has no ${refused.join(', ')} here`, fetched);
    }
    // Where nothing could be fetched, apt-get update says why, and calls that a success.
    throw new StepFailed(error.message, `${fetched}\n${error.output}`);
  }
}

/**
 * Ends the script with a message where this Node is too old for what follows.
 * @param {string} root
 */
export function requireNode(root) {
  const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const [major = 0, minor = 0] = engines.node.replace('>=', '').split('.').map(Number);
  const [ours = 0, oursMinor = 0] = process.versions.node.split('.').map(Number);
  if (ours > major || (ours === major && oursMinor >= minor)) return;
  console.error(`Node ${process.versions.node} is too old: ${engines.node} is needed.`);
  process.exit(1);
}
