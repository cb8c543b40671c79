#!/usr/bin/env node
// npm start: from a fresh checkout to a running agent. Safe to run again: what is done already is left alone.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { idleDaemons } from './lib/daemons.mjs';
import { outerEnv } from './lib/outer-env.mjs';
import { DEFAULT_SET } from './lib/packages.mjs';
import { installMissing, prepareBuild, prepareModules, requireNode } from './lib/prepare.mjs';
import { missingOf, thisMachine } from './lib/probe.mjs';
import { StepCancelled, StepFailed, step, watchCtrlC } from './lib/step.mjs';
import { packageTable } from './lib/table.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const hotdesk = path.join(root, 'bin', 'hotdesk.js');

const HELP = `npm start [-- OPTIONS]: installs what is missing, builds, starts the hotdesk agent, shows your machines.

  --yes         install missing system packages without asking
  --no-install  install no system packages
  --help        this text
`;

/** Calls hotdesk itself, with the terminal. */
function call(...args) {
  const run = spawnSync(process.execPath, [hotdesk, ...args], {
    stdio: 'inherit',
    env: outerEnv(process.env),
  });
  return run.status ?? 1;
}

/** How hotdesk is called from here: by its name where that is this checkout's, else by its path. */
function nameToCall() {
  if (thisMachine.hasCommand('hotdesk')) return 'hotdesk';
  const relative = path.relative(process.cwd(), hotdesk);
  return relative.startsWith('..') ? hotdesk : `./${relative}`;
}

async function main() {
  const { values } = parseArgs({
    options: {
      yes: { type: 'boolean', default: false },
      'no-install': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  requireNode(root);
  watchCtrlC();
  await prepareModules(root);
  await prepareBuild(root);

  let missing = missingOf(DEFAULT_SET, thisMachine);
  console.log('System packages:');
  console.log(packageTable(DEFAULT_SET, missing).join('\n'));
  if (missing.length > 0) {
    missing = await installMissing(missing, { yes: values.yes, noInstall: values['no-install'] });
    const got =
      missing.length === 0
        ? 'Everything is there now.'
        : `Still missing: ${missing.map(({ name }) => name).join(', ')}.`;
    console.log(got);
  }
  for (const line of idleDaemons({ exists: existsSync, hasCommand: thisMachine.hasCommand }))
    console.log(line);

  await step('Starting the agent', [process.execPath, hotdesk, 'agent', 'start'], {
    env: outerEnv(process.env),
  });
  console.log('\nYour machines:');
  const code = call('hosts');
  const name = nameToCall();
  console.log(`
Try next (HOST is one of the machines above, or this one):
  ${name} start HOST -- ${missing.some((entry) => entry.name === 'xpra') ? 'top' : 'xterm'}
  ${name} list
  ${name} doctor HOST`);
  return code;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    if (error instanceof StepCancelled) {
      console.error('Stopped. npm start goes on from here.');
      process.exitCode = 130;
    } else if (error instanceof StepFailed) {
      console.error(`${error.message}\n${error.output.trim()}`);
      process.exitCode = 1;
    } else if (error?.code?.startsWith('ERR_PARSE_ARGS')) {
      console.error(`${error.message}\n\n${HELP}`);
      process.exitCode = 2;
    } else throw error;
  },
);
