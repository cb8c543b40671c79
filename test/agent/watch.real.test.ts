import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Ticker, watchBackend } from '../../src/agent/watch.ts';
import { until } from '../rigs/until.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotdesk-watch-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const env = (sockets: () => string) => ({
  home: folder,
  uid: 7,
  user: 'u',
  runtime: folder,
  ticker: new Ticker(sockets),
});

it('tells when a folder changes, also one that comes later', async () => {
  let changes = 0;
  mkdirSync(path.join(folder, 'now'));
  const plan = { folders: ['~/now', '{runtime}/later'], sockets: [], everySeconds: 1 };
  const watch = watchBackend(
    plan,
    env(() => ''),
    () => {
      changes += 1;
    },
  );
  await until('what was there is told', () => changes > 0);
  const before = changes;
  writeFileSync(path.join(folder, 'now', 'session'), '');
  await until('the change is told', () => changes > before);
  mkdirSync(path.join(folder, 'later'));
  await until('the new folder is looked at', () => changes > before + 1);
  watch.stop();
  const after = changes;
  writeFileSync(path.join(folder, 'now', 'another'), '');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(changes).toBe(after);
});

it('tells when a viewer connects or leaves', async () => {
  let changes = 0;
  let table = '';
  const plan = { folders: [], sockets: ['/xpra/[^/]+$'], everySeconds: 3600 };
  const watch = watchBackend(
    plan,
    env(() => table),
    () => {
      changes += 1;
    },
  );
  table = '0000: 3 0 0 1 03 4242 /run/xpra/h-100\n';
  await until('the viewer is noticed', () => changes === 1);
  table = '';
  await until('its end is noticed', () => changes === 2);
  watch.stop();
});

it('looks at a quiet backend less and less often', async () => {
  const at: number[] = [];
  const began = Date.now();
  const plan = { folders: [], sockets: [], everySeconds: 0.3 };
  const watch = watchBackend(
    plan,
    env(() => ''),
    () => at.push(Date.now() - began),
  );
  await until('four looks', () => at.length === 4);
  watch.stop();
  const pauses = at.map((time, i) => time - (at[i - 1] ?? 0));
  expect(pauses[3]).toBeGreaterThan((pauses[1] ?? 0) * 2);
});
