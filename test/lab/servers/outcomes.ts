/** What came of every cell, as it was last recorded: docs/security.md is made of it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from './cells.ts';
import type { Method } from './rows.ts';

/** By the row's name. */
export type Outcomes = Readonly<Record<string, Readonly<Record<Method, Omit<Cell, 'ms'>>>>>;

/** @param root of the checkout */
export function readOutcomes(root: string): Outcomes {
  const file = fileIn(root);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Outcomes) : {};
}

export function writeOutcomes(root: string, outcomes: Outcomes): void {
  // A line a cell, so that a change of words is a line of the diff.
  const block = (entries: readonly [string, string][], indent: string) =>
    `{\n${entries.map(([key, text]) => `${indent}  ${JSON.stringify(key)}: ${text}`).join(',\n')}\n${indent}}`;
  const rows = Object.entries(outcomes).map(([name, cells]): [string, string] => {
    const lines = Object.entries(cells).map(([method, cell]): [string, string] => [
      method,
      JSON.stringify(cell),
    ]);
    return [name, block(lines, '  ')];
  });
  writeFileSync(fileIn(root), `${block(rows, '')}\n`);
}

function fileIn(root: string): string {
  return join(root, 'test', 'lab', 'servers', 'outcomes.json');
}
