#!/usr/bin/env node
// npm start: from a fresh checkout to a running agent. Safe to run again: what is done already is left alone.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { confirm } from './lib/confirm.mjs';
import { idleDaemons } from './lib/daemons.mjs';
import { nextCommands } from './lib/next-commands.mjs';
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

/** How hotdesk is called from where npm was: by its name where that is this checkout's, else by its path. */
function nameToCall() {
  const named = thisMachine.whereIs('hotdesk');
  if (named !== undefined && realpathSync(named) === realpathSync(hotdesk)) return 'hotdesk';
  const relative = path.relative(process.env.INIT_CWD ?? process.cwd(), hotdesk);
  return relative.startsWith('..') ? hotdesk : `./${relative}`;
}

/** What the agent calls this machine. */
function nameOfThisMachine() {
  const run = spawnSync(process.execPath, [hotdesk, 'hosts', '--json'], {
    encoding: 'utf8',
    env: outerEnv(process.env),
  });
  try {
    const { hosts } = JSON.parse(run.stdout);
    const own = hosts.find((/** @type {{ state: string }} */ { state }) => state === 'local');
    return own?.name ?? os.hostname();
  } catch {
    return os.hostname();
  }
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
  console.log(packageTable(DEFAULT_SET, missing, process.stdout.columns).join('\n'));
  if (missing.length > 0) {
    missing = await installMissing(missing, { yes: values.yes, noInstall: values['no-install'] });
    if (missing.length === 0) console.log('Everything is there now.');
  }
  for (const line of idleDaemons({ exists: existsSync, hasCommand: thisMachine.hasCommand }))
    console.log(line);

  await step('Starting the agent', [process.execPath, hotdesk, 'agent', 'start'], {
    env: outerEnv(process.env),
  });
  console.log('\nYour machines:');
  const code = call('hosts');
  const next = nextCommands({
    call: nameToCall(),
    host: nameOfThisMachine(),
    hasCommand: thisMachine.hasCommand,
    hasDisplay: Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY),
  });
  console.log(`\nTry next:\n${next.join('\n')}`);
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (code === 0 && isTerminal && !values.yes && (await confirm('\nSet up another machine now?', false)))
    return call('setup');
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
