import {
  chmodSync,
  type FSWatcher,
  mkdirSync,
  mkdtempSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { watchEntries } from '../../src/agent/entries.ts';
import { until } from '../rigs/until.ts';

let folder = '';
let changes = 0;
let ended = 0;
let watcher: FSWatcher | undefined;
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotdesk-entries-'));
  changes = 0;
  ended = 0;
});
afterEach(() => {
  watcher?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = () => {
  watcher = watchEntries(
    folder,
    () => {
      changes += 1;
    },
    () => {
      ended += 1;
    },
  );
};

async function socket(): Promise<string> {
  const file = path.join(folder, 'h-100');
  const listening = createServer();
  server = listening;
  await new Promise<void>((resolve) => listening.listen(file, resolve));
  return file;
}

/** What was done before is told when this is. */
async function another(name: string): Promise<void> {
  const before = changes;
  mkdirSync(path.join(folder, name));
  await until(`${name} is told`, () => changes > before);
}

it('what comes, is written and goes is told', async () => {
  start();
  const file = path.join(folder, 'file');
  writeFileSync(file, '');
  await until('it came', () => changes > 0);
  await another('one');
  const before = changes;
  writeFileSync(file, 'more');
  await until('it was written', () => changes > before);
  await another('two');
  const then = changes;
  rmSync(file);
  await until('it went', () => changes > then);
});

it('a socket that is touched is not told, one whose mode changes is', async () => {
  const file = await socket();
  chmodSync(file, 0o600);
  start();
  for (let i = 0; i < 5; i += 1) utimesSync(file, new Date(), new Date());
  await another('one');
  expect(changes).toBe(1);
  chmodSync(file, 0o700);
  await until('the mode is told', () => changes === 2);
  chmodSync(file, 0o600);
  await until('the mode is told again', () => changes === 3);
});

it('a socket in the place of another of the same name is told', async () => {
  await socket();
  start();
  server?.close();
  await until('its end is told', () => changes > 0);
  await another('one');
  const before = changes;
  const file = await socket();
  await until('the other is told', () => changes > before);
  await another('two');
  const then = changes;
  utimesSync(file, new Date(), new Date());
  await another('three');
  expect(changes).toBe(then + 1);
});

it('says that it is over when the folder goes, though another comes in its place', async () => {
  start();
  await another('one');
  expect(ended).toBe(0);
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  await until('its end is told', () => ended > 0);
  start();
  await another('two');
  expect(ended).toBe(1);
});

it('without such a folder there is nothing to watch', () => {
  expect(
    watchEntries(
      path.join(folder, 'none'),
      () => {},
      () => {},
    ),
  ).toBeUndefined();
  expect(ended).toBe(0);
});
