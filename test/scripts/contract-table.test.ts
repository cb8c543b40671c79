import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contractTable, withTable } from '../../scripts/lib/contract-table.mjs';

const result = (profile: string, title: string, status = 'passed', duration = 1234) => ({
  ancestorTitles: [`${profile} on this machine`],
  title,
  status,
  duration,
});

describe('the contract table', () => {
  it('has a row a profile, and says what failed and what there is not', () => {
    const table = contractTable([
      result('vnc', 'is detected, with its version'),
      result('vnc', 'a second viewer that takes: displaces'),
      result('vnc', 'a further command runs inside the session', 'failed'),
      result('dtach', 'is detected, with its version', 'skipped'),
      { ...result('x', 'is detected'), ancestorTitles: ['something else'] },
    ]).split('\n');
    expect(table).toHaveLength(4);
    expect(table[2]).toMatch(/^\| `vnc` \| 1\.2 \| – .* displaces, 1\.2 .* \*\*failed\*\* /u);
    expect(table[3]).toMatch(/^\| `dtach` \| – \|/u);
    expect(new Set(table.map((line) => line.split('|').length)).size).toBe(1);
  });

  it('knows how the titles of the suite begin', () => {
    const suite = readFileSync('test/contract/contract.ts', 'utf8');
    const columns = readFileSync('scripts/lib/contract-table.mjs', 'utf8').matchAll(
      /^ {2}\['[^']+', '([^']+)'\]/gmu,
    );
    const starts = [...columns].map(([, start = '']) => start.replace(/by (?:share|readonly)$/u, 'by $'));
    expect(starts.length).toBeGreaterThan(10);
    for (const start of starts) expect(suite).toContain(start);
  });

  it('takes its place in docs/support.md', () => {
    const text = readFileSync('docs/support.md', 'utf8');
    const made = withTable(text, '| new |');
    expect(made).toContain('\n| new |\n');
    expect(withTable(made, '| new |')).toBe(made);
  });
});
