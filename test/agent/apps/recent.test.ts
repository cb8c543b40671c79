import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { afterUse, noteUse, recentlyUsed } from '../../../src/agent/apps/recent.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-recent-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('keeps per host what was started last, over restarts', async () => {
  const file = join(folder, 'state', 'recent-apps.json');
  await noteUse(file, 'A', 'firefox', 100);
  await noteUse(file, 'A', 'gimp', 200);
  await noteUse(file, 'B', 'firefox', 300);
  await noteUse(file, 'A', 'firefox', 400);
  expect([...(await recentlyUsed(file, 'A'))]).toEqual([
    ['firefox', 400],
    ['gimp', 200],
  ]);
  expect([...(await recentlyUsed(file, 'C'))]).toEqual([]);
  expect([...(await recentlyUsed(file, '__proto__'))]).toEqual([]);
});

it('takes a broken file for an empty one, and mends it with the next use', async () => {
  const file = join(folder, 'recent-apps.json');
  writeFileSync(file, '{"A": [{"id": 3}]');
  expect((await recentlyUsed(file, 'A')).size).toBe(0);
  await noteUse(file, 'A', 'x', 1);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ A: [{ id: 'x', at: 1 }] });
});

it('forgets what is long ago, so that the file stays small', () => {
  let state = {};
  for (let at = 0; at < 1000; at += 1)
    state = afterUse(state, `host${at % 400}`, { id: `app${at % 70}`, at });
  expect(Object.keys(state)).toHaveLength(200);
  expect(Object.keys(state)[0]).toBe('host199');
  for (let at = 0; at < 50; at += 1) state = afterUse(state, 'one', { id: `app${at}`, at: 2000 + at });
  expect((state as Record<string, unknown[]>).one).toHaveLength(20);
});
