/** The table, for a terminal and for results.md. Pure. */
import type { Bound, Row } from './benchmark.ts';
import type { Machine } from './machine.ts';
import { type Spread, verdictOf } from './verdict.ts';

export interface NotRun {
  readonly measure: string;
  readonly why: string;
}

export interface Report {
  readonly date: string;
  readonly version: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly rows: readonly Row[];
  readonly notRun: readonly NotRun[];
}

const HEAD = ['measure', 'peer', 'n', 'ours', "peer's", 'ratio', 'bound', 'met'];

/** One line a row. @param spread whether min–max are told too */
function cellsOf(row: Row, spread: boolean): string[] {
  const { ours, theirs, ratio, pairs, met } = verdictOf(row);
  const show = (s: Spread) =>
    spread
      ? `${figure(s.median)} (${figure(s.min)}–${figure(s.max)}) ${row.unit}`
      : `${figure(s.median)} ${row.unit}`;
  const quotient =
    ratio === undefined || pairs === undefined
      ? '–'
      : `${ratio.toFixed(2)}×${spread ? ` (pairs ${pairs.min.toFixed(2)}–${pairs.max.toFixed(2)})` : ''}`;
  return [
    row.measure,
    row.peer,
    String(row.ours.length),
    show(ours),
    theirs ? show(theirs) : '–',
    quotient,
    row.bound ? boundText(row.bound, row.unit) : '–',
    met === undefined ? '–' : met ? 'yes' : 'NO',
  ];
}

function boundText(bound: Bound, unit: string): string {
  switch (bound.kind) {
    case 'at-most':
      return `≤ ${bound.value} ${unit}`;
    case 'ratio-at-most':
      return `≤ ${bound.value}×`;
    case 'ratio-at-least':
      return `≥ ${bound.value}×`;
  }
}

function figure(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 2 : 3);
}

export function asText(report: Report): string {
  const table = [HEAD, ...report.rows.map((row) => cellsOf(row, false))];
  const widths = HEAD.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  const lines = table.map((cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const missing = report.notRun.map(({ measure, why }) => `not run: ${measure}: ${why}`);
  return [...lines, ...missing].join('\n');
}

export function asMarkdown(report: Report): string {
  const { machine } = report;
  const programs = Object.entries(machine.programs).map(([name, version]) => `${name} ${version}`);
  const table = [HEAD, HEAD.map(() => '---'), ...report.rows.map((row) => cellsOf(row, true))];
  const notes = report.rows.filter((row) => row.notes.length > 0);
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`. Ours and the peer take turns in one run on one machine; medians, min–max',
    'in brackets, and for ratios the range over the pairs. A run of some benchmarks by name replaces their',
    'rows alone: date, commit and load below are those of the last run, not of every row.',
    '',
    `- ${report.date}, hotdesk ${report.version} (${report.commit})`,
    `- ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB; load ${machine.load} at the start`,
    `- ${machine.system}, Linux ${machine.kernel}, Node ${machine.node}, ${programs.join(', ')}`,
    '- hosts are network namespaces on one bridge without loss (test/rigs/lab), each with its own sshd and Xvfb',
    '',
    ...table.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    ...notes.flatMap((row) => [`**${row.measure}**: ${row.notes.join(' ')}`, '']),
    ...(report.notRun.length > 0
      ? ['## Not run', '', ...report.notRun.map(({ measure, why }) => `- ${measure}: ${why}`), '']
      : []),
  ].join('\n');
}
