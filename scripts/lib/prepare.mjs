// @ts-check
/** The steps that npm start and npm test have in common. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline/promises';
import { aptCommands, decideInstall } from './install.mjs';
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
    console.error(`Going on without ${names.join(', ')}: ${decision.why}. ${decision.hint ?? ''}`.trim());
    return [...missing];
  }
  const { install, update } = aptCommands(names, decision.prefix);
  if (
    decision.action === 'ask' &&
    !(await confirm(`Install ${names.join(', ')}?\n  ${install.join(' ')}\n[Y/n] `))
  ) {
    console.error(`Going on without ${names.join(', ')}.`);
    return [...missing];
  }
  const talks = decision.prefix.length > 0;
  try {
    await step(`Installing ${names.join(', ')}`, install, { talks }).catch(async (error) => {
      if (!(error instanceof StepFailed)) throw error;
      // A fresh container has no package lists, an old one has stale ones.
      await step('Fetching package lists', update, { talks });
      return await step(`Installing ${names.join(', ')}`, install, { talks });
    });
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    console.error(`${error.message}\n${error.output.trim().split('\n').slice(-5).join('\n')}`);
  }
  return missingOf(missing, thisMachine);
}

/** @param {string} question */
async function confirm(question) {
  const prompt = readline.createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise((resolve) => prompt.once('close', () => resolve('n')));
    const answer = await Promise.race([prompt.question(question), closed]);
    return /^(y|yes|)$/iu.test(String(answer).trim());
  } finally {
    prompt.close();
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
