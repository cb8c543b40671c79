#!/usr/bin/env node
// npm run check: every check that needs no test run, one after the other; all of them run, then one summary.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const CHECKS = [
  ['types', 'TypeScript'],
  ['lint', 'lint and format (Biome)'],
  ['layers', 'layer rules and package fences'],
  ['schema', 'profiles/schema.json is what the code says'],
  ['settings-docs', 'docs/settings.md is what the code says'],
  ['servers-docs', 'the servers in docs/security.md are what the tests saw'],
  ['faults-docs', 'the faults in docs/support.md are those that tests make'],
  ['dead', 'dead code and unused dependencies (knip)'],
];

const results = CHECKS.map(([script, title]) => {
  const started = Date.now();
  const args = ['run', '--silent', script];
  // What writes a file elsewhere only compares it here.
  if (script === 'schema' || script.endsWith('-docs')) args.push('--', '--check');
  const run = spawnSync('npm', args, { cwd: root, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  const passed = run.status === 0;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (!passed) {
    process.stdout.write(
      `\n-- ${script} (npm run ${script})\n${run.stdout ?? ''}${run.stderr ?? ''}${run.error ?? ''}\n`,
    );
  }
  return { script, title, passed, seconds };
});

console.log();
for (const { script, title, passed, seconds } of results) {
  console.log(
    `${passed ? 'ok    ' : 'FAILED'}  ${script.padEnd(14)} ${`${seconds} s`.padStart(7)}  ${title}`,
  );
}
const failed = results.filter((result) => !result.passed).length;
console.log(failed === 0 ? 'check: everything holds' : `check: ${failed} of ${results.length} failed`);
process.exitCode = failed === 0 ? 0 : 1;
