#!/usr/bin/env node
// npm test: installs what the tests need, builds, runs every vitest project. Its last line is the count.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { labPrefix } from './lib/lab-access.mjs';
import { DEFAULT_SET, TEST_SET } from './lib/packages.mjs';
import { installMissing, prepareBuild, prepareModules, requireNode } from './lib/prepare.mjs';
import { missingOf, thisMachine } from './lib/probe.mjs';
import { isCancelled, StepCancelled, StepFailed, step, watchCtrlC } from './lib/step.mjs';
import { failuresOf, isGood, lastLine, NOTHING, plus, tallyOf } from './lib/tally.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const results = path.join(root, '.test-results');
/** Lines about what failed, in all parts. */
const failures = [];
const ci = ['1', 'true'].includes(process.env.CI ?? '');

const HELP = `npm test [-- OPTIONS]: everything, or what you name.

  --project unit|real|lab  one part: unit tests, tests against real programs, tests between several hosts
  --node22                 the unit tests under Node 22 too (npm's node package, 185 MB, fetched once)
  --no-install             install no system packages
  --help                   this text
  anything else            goes to vitest: a file, -t NAME, ...

Installs what is missing first, as npm start does. Without root and without user namespaces the lab part is not run, which
is said, and is a failure where CI is set.
`;

/** Takes an option with a value out of `args`; its values. */
function take(args, name) {
  const values = [];
  for (let at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`)); at >= 0; ) {
    const [arg] = args.splice(at, 1);
    values.push(arg === name ? args.splice(at, 1)[0] : arg.slice(name.length + 1));
    at = args.findIndex((other) => other === name || other.startsWith(`${name}=`));
  }
  return values;
}

/** Takes a flag out of `args`. */
function takeFlag(args, name) {
  const at = args.indexOf(name);
  if (at >= 0) args.splice(at, 1);
  return at >= 0;
}

/** Runs one project of vitest with the terminal, or into the file `log`; its counts. */
async function run(project, extra, { prefix = [], node = process.execPath, label = project, log, env } = {}) {
  const file = path.join(results, `${label}.json`);
  rmSync(file, { force: true });
  if (log === undefined) console.log(`\n-- ${label}`);
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const argv = [
    ...prefix,
    node,
    vitest,
    'run',
    '--project',
    project,
    '--passWithNoTests',
    ...reporters,
    ...extra,
  ];
  const out = log === undefined ? 'inherit' : openSync(log, 'w');
  const exitCode = await new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), {
      cwd: root,
      stdio: ['ignore', out, out],
      env: { ...process.env, ...env },
    });
    if (log !== undefined) closeSync(out);
    child.on('error', reject);
    child.on('exit', (code) => (isCancelled() ? reject(new StepCancelled()) : resolve(code ?? 1)));
  });
  const report = reportIn(file);
  failures.push(...failuresOf(report, root));
  return tallyOf(report, exitCode);
}

function reportIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The lab, where it can run; else one skipped for each of its files, and the reason. */
async function runLab(prefix, extra) {
  if (prefix !== undefined) return await run('lab', extra, { prefix });
  const files = readdirSync(path.join(root, 'test', 'lab')).filter((name) => name.endsWith('.test.ts'));
  console.log(
    `\n-- lab\nNOT RUN: it needs root, or user namespaces with a range of users (apt-get install uidmap; /etc/subuid).`,
  );
  return { passed: 0, failed: 0, skipped: files.length };
}

/** Tests that wait most of the time, for mDNS or for servers of their own that stall. */
const WAITING = ['test/discovery', 'test/ssh', 'test/wizard'];
/** So do these of the lab: for a host that sleeps, a cable that is pulled, a notice that is read. */
const WAITING_LAB = ['asleep', 'faults-reach', 'notices'].map((name) => `test/lab/${name}.test.ts`);

/** Names of a second lab of this checkout (test/rigs/lab/lab.ts), which has no digits in them. */
function secondLab() {
  const hash = createHash('sha256').update(root).digest().subarray(0, 4);
  const letters = [...hash].map((byte) => String.fromCharCode(97 + (byte % 26))).join('');
  return { LAB_PREFIX: `hu${letters}`, LAB_NET: '10.84.0' };
}

/**
 * Runs parts one after the other while the processor waits for others: real programs leave half of it idle.
 * @returns what tells their reports and gives their counts
 */
function beside(parts) {
  const running = (async () => {
    const done = [];
    for (const { label, project, extra, prefix = [], env, isNode22 } of parts) {
      const log = path.join(results, `${label}.log`);
      const how = isNode22 ? { node: await node22(), prefix: ['nice', '-n', '5'] } : { prefix, env };
      done.push({ label, log, counts: await run(project, extra, { ...how, label, log }) });
    }
    return done;
  })();
  running.catch(() => {});
  return async () => {
    let tally = NOTHING;
    for (const { label, log, counts } of await running) {
      console.log(`\n-- ${label}\n${readFileSync(log, 'utf8')}`);
      tally = plus(tally, counts);
    }
    return tally;
  };
}

/** A Node 22 beside this one. */
async function node22() {
  const folder = path.join(root, 'node_modules', '.cache', 'node22');
  const node = path.join(folder, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  await step('Fetching Node 22', [
    'npm',
    'install',
    '--prefix',
    folder,
    '--no-audit',
    '--no-fund',
    '--no-save',
    'node@22.23.3',
  ]);
  return node;
}

async function main(args) {
  if (takeFlag(args, '--help')) {
    console.log(HELP);
    return 0;
  }
  const noInstall = takeFlag(args, '--no-install');
  const withNode22 = takeFlag(args, '--node22');
  const named = take(args, '--project');
  const projects = named.length > 0 ? named : ['unit', 'real', 'lab'];

  requireNode(root);
  watchCtrlC();
  await prepareModules(root);
  const onlyUnit = projects.every((project) => project === 'unit');
  // Unit tests run no program that a bare machine lacks.
  const missing = onlyUnit ? [] : missingOf([...DEFAULT_SET, ...TEST_SET], thisMachine);
  if (missing.length > 0)
    console.log(`Missing system packages: ${missing.map(({ name }) => name).join(', ')}`);
  // Nobody waits for an answer in CI.
  await installMissing(missing, { yes: ci, noInstall });
  if (!onlyUnit) await prepareBuild(root);

  mkdirSync(results, { recursive: true });
  const underNode22 = { label: 'unit-node22', project: 'unit', extra: args, isNode22: true };
  // What somebody names is run where it is seen.
  const isWhole = args.length === 0 && projects.includes('real');
  const prefix = projects.includes('lab') ? labPrefix() : undefined;
  const waiting = { label: 'real-waiting', project: 'real', extra: WAITING.map((folder) => `${folder}/`) };
  const waitingLab = { label: 'lab-waiting', project: 'lab', extra: WAITING_LAB, prefix, env: secondLab() };
  const isLabWhole = isWhole && prefix !== undefined;
  const besides = [
    ...(withNode22 ? [underNode22] : []),
    ...(isWhole ? [waiting] : []),
    ...(isLabWhole ? [waitingLab] : []),
  ];
  const excluded = {
    real: isWhole ? WAITING.flatMap((folder) => ['--exclude', `${folder}/**`]) : args,
    lab: isLabWhole ? WAITING_LAB.flatMap((file) => ['--exclude', file]) : args,
  };
  let tally = NOTHING;
  let ended;
  for (const project of projects) {
    // Not beside those of this Node, which leave nothing idle.
    if (project !== 'unit') ended ??= beside(besides);
    const extra = excluded[project] ?? args;
    tally = plus(tally, project === 'lab' ? await runLab(prefix, extra) : await run(project, extra));
  }
  ended ??= beside(besides);
  tally = plus(tally, await ended());
  if (failures.length > 0) console.log(`\n${failures.join('\n')}`);
  console.log(`\n${lastLine(tally)}`);
  return isGood(tally, ci) ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    if (error instanceof StepCancelled) {
      console.error('Stopped.');
      process.exitCode = 130;
    } else if (error instanceof StepFailed) {
      // What the tests stand on is not there: that is a failure, and the count says so.
      console.error(`${error.message}\n${error.output.trim()}`);
      console.log(`\n${lastLine({ ...NOTHING, failed: 1 })}`);
      process.exitCode = 1;
    } else throw error;
  },
);
