/**
 * Real servers, each with each way to log in. What is expected is in servers/rows.ts, what users are
 * told in servers/outcomes.json; `npm run servers-docs` records that and makes the table of docs/security.md.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { type Cell, type Said, sshGetsIn, tryCell } from './servers/cells.ts';
import { type Outcomes, readOutcomes, writeOutcomes } from './servers/outcomes.ts';
import { METHODS, type Method, type Probe, ROWS, type Row } from './servers/rows.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const recording = process.env.HOTDESK_RECORD === '1';
const recorded = readOutcomes(root);
const seen = new Map<string, Outcomes[string]>();

afterAll(() => {
  if (!recording) return;
  const rows = ROWS.flatMap(({ name }) => {
    const outcome = seen.get(name) ?? recorded[name];
    return outcome ? [[name, outcome] as const] : [];
  });
  writeOutcomes(root, Object.fromEntries(rows));
});

describe.concurrent('servers', () => {
  test.each(ROWS.map((row) => [row.name, row] as const))(
    '%s',
    async (name, row) => {
      const cells = await cellsOf(row);
      const outcome = plain(cells);
      seen.set(name, outcome);
      for (const method of METHODS) {
        const cell = cells[method];
        expect({ method, ...codesOf(cell) }).toEqual({ method, ...expected(row, method) });
        expect(cell.ms, `${method}: how long it took`).toBeLessThan(row.withinMs ?? 30_000);
      }
      if (!recording) expect(outcome).toEqual(recorded[name]);
    },
    150_000,
  );
});

async function cellsOf(row: Row): Promise<Record<Method, Cell>> {
  const reach = await row.start();
  try {
    const cells = {} as Record<Method, Cell>;
    const one = async (method: Method) => {
      cells[method] = await tryCell(row, reach, method);
    };
    // What is no real server takes its time, and has no state.
    if (row.atOnce || !reach.server) await Promise.all(METHODS.map(one));
    else for (const method of METHODS) await one(method);
    if (row.asSsh) expect(await sshGetsIn(row, reach), 'ssh gets in').toBe(cells.publickey.login === 'in');
    return cells;
  } finally {
    await reach.stop();
  }
}

function plain(cells: Record<Method, Cell>): Outcomes[string] {
  const without = ({ ms: _, ...rest }: Cell) => rest;
  return {
    publickey: without(cells.publickey),
    password: without(cells.password),
    'keyboard-interactive': without(cells['keyboard-interactive']),
  };
}

function codesOf(cell: Cell) {
  const code = <T extends string>(outcome: T | Said) =>
    typeof outcome === 'string' ? outcome : outcome.code;
  return {
    login: code(cell.login),
    afterwards: Object.fromEntries(
      Object.entries(cell.afterwards).map(([probe, outcome]) => [probe, code(outcome)]),
    ),
  };
}

function expected(row: Row, method: Method) {
  const login = row.expect[method];
  const afterwards = Object.entries(row.afterwards ?? { command: 'works' }) as [
    Probe,
    NonNullable<NonNullable<Row['afterwards']>[Probe]>,
  ][];
  return {
    login,
    afterwards:
      login === 'in'
        ? Object.fromEntries(
            afterwards.map(([probe, each]) => [probe, typeof each === 'string' ? each : each[method]]),
          )
        : {},
  };
}
