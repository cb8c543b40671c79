import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isInstalled, locate } from '../../src/viewer/locate.ts';
import { until } from '../rigs/until.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-locate-'));
  for (const name of ['view', 'data']) writeFileSync(join(folder, name), '');
  mkdirSync(join(folder, 'folder'), { mode: 0o755 });
  chmodSync(join(folder, 'view'), 0o755);
  chmodSync(join(folder, 'data'), 0o644);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a program is found in PATH, by its whole path, and in the usual folders', async () => {
  expect(await locate('view', `/nowhere:${folder}`)).toBe(join(folder, 'view'));
  expect(await locate(join(folder, 'view'), undefined)).toBe(join(folder, 'view'));
  expect(await locate('sh', undefined)).toMatch(/\/bin\/sh$/u);
});

test('a folder, a file that cannot be run, and relative entries of PATH are not programs', async () => {
  expect(await locate('folder', folder)).toBeUndefined();
  expect(await locate(join(folder, 'nothing'), folder)).toBeUndefined();
  expect(await locate('package.json', '.:')).toBeUndefined();
});

test('one that was found is taken at once, and the one that comes first now the next time', async () => {
  const [first, second] = ['first', 'second'].map((name) => join(folder, name));
  for (const each of [first, second]) mkdirSync(each ?? '');
  const program = (at = '') => join(at, 'again');
  const look = () => locate('again', `${first}:${second}`);
  writeFileSync(program(second), '', { mode: 0o755 });
  expect(await look()).toBe(program(second));
  writeFileSync(program(first), '', { mode: 0o755 });
  await look();
  await until('it is found where it comes first', async () => (await look()) === program(first));
  rmSync(program(first));
  expect(await look()).toBe(program(second));
  rmSync(program(second));
  expect(await look()).toBeUndefined();
});

test('of two versions of one name it is told which by what its file holds', async () => {
  writeFileSync(join(folder, 'three'), 'ELF\0\0libthing-client3.so.3\0\xff', { mode: 0o755 });
  expect(await isInstalled('three', folder, 'libthing-client3.so')).toBe(true);
  expect(await isInstalled('three', folder, 'libthing-client2.so')).toBe(false);
  expect(await isInstalled('three', folder)).toBe(true);
  expect(await isInstalled('four', folder, 'libthing')).toBe(false);
});
