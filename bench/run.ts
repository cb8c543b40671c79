/**
 * The benchmarks, each against a peer; results in bench/results.md and results.json.
 *
 *   npm run bench [-- [--quick] [NAME...]]
 *
 * With names, only those run; what results.json has of the others is kept. Needs root (the lab rig).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HOTDESK_VERSION } from '../src/protocol/version.ts';
import { appears } from './appears.ts';
import { attach } from './attach.ts';
import { backends } from './backends.ts';
import type { Benchmark, Row } from './benchmark.ts';
import { forward } from './forward.ts';
import { idle } from './idle.ts';
import { killed } from './killed.ts';
import { list } from './list.ts';
import { describeMachine } from './machine.ts';
import { move } from './move.ts';
import { asMarkdown, asText, type NotRun, type Report } from './report.ts';
import { start } from './start.ts';
import { thousand } from './thousand.ts';
import { tray } from './tray.ts';

const BENCHMARKS: readonly Benchmark[] = [
  start,
  attach,
  move,
  ...backends,
  list,
  appears,
  killed,
  thousand,
  forward,
  idle,
  tray,
];
const ROUNDS = 7;
const QUICK_ROUNDS = 3;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** It would add 85 ms to every Node 20 that starts, ours and the peer's. */
delete process.env.NODE_EXTRA_CA_CERTS;

async function main(argv: readonly string[]): Promise<number> {
  const quick = argv.includes('--quick');
  const names = argv.filter((arg) => arg !== '--quick');
  const unknown = names.filter((name) => !BENCHMARKS.some((b) => b.name === name));
  if (unknown.length > 0) {
    console.error(
      `There is no benchmark ${unknown.join(', ')}. There are: ${BENCHMARKS.map((b) => b.name).join(', ')}.`,
    );
    return 2;
  }
  const wanted = BENCHMARKS.filter((b) => names.length === 0 || names.includes(b.name));
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
  const machine = await describeMachine();
  const fresh: Report = { ...identity(), machine, rows: [], notRun: [] };
  const rows: Row[] = [];
  const notRun: NotRun[] = [];
  for (const benchmark of wanted) {
    console.error(`\n${benchmark.name}`);
    const missed = await attempt(benchmark, quick, rows);
    notRun.push(...missed);
    // What is measured is kept, whatever comes of the next one.
    write(merged({ ...fresh, rows, notRun }));
  }
  const report = { ...fresh, rows, notRun };
  console.log(`\n${asText(report)}`);
  if (names.length === 0) write(report);
  return notRun.length > 0 ? 1 : 0;
}

async function attempt(benchmark: Benchmark, quick: boolean, rows: Row[]): Promise<NotRun[]> {
  const why = process.getuid?.() === 0 ? undefined : 'it needs root, for the lab';
  if (why) return benchmark.measures.map((measure) => ({ measure, why }));
  try {
    const options = {
      rounds: quick ? QUICK_ROUNDS : ROUNDS,
      quick,
      say: (line: string) => console.error(`  ${line}`),
    };
    rows.push(...(await benchmark.run(options)));
    return [];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(error);
    return benchmark.measures.map((measure) => ({ measure, why: message.split('\n')[0] ?? message }));
  }
}

function identity(): Pick<Report, 'date' | 'version' | 'commit'> {
  const commit = () => execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT }).toString().trim();
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    version: HOTDESK_VERSION,
    commit: commit(),
  };
}

function write(report: Report): void {
  writeFileSync(fileOf('results.json'), `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(fileOf('results.md'), asMarkdown(report));
}

/** The new rows in place of the same measures of the last run. */
function merged(report: Report): Report {
  const file = fileOf('results.json');
  if (!existsSync(file)) return report;
  const old = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const done = new Set([...report.rows, ...report.notRun].map((r) => r.measure));
  const order = BENCHMARKS.flatMap((b) => b.measures);
  const rows = [...old.rows.filter((r) => !done.has(r.measure)), ...report.rows];
  return {
    ...report,
    rows: rows.sort((a, b) => order.indexOf(a.measure) - order.indexOf(b.measure)),
    notRun: [...old.notRun.filter((r) => !done.has(r.measure)), ...report.notRun],
  };
}

process.exitCode = await main(process.argv.slice(2));
