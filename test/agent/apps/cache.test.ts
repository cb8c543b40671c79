import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AppCache } from '../../../src/agent/apps/cache.ts';

let folder: string;
let cache: AppCache;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-cache-'));
  cache = new AppCache(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const list = (revision: string, name = 'Calculator') => ({
  revision,
  applications: [{ id: 'calc', name, categories: [], terminal: false, command: ['calc'] }],
});
const files = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

it('keeps a list for each host and language', async () => {
  await cache.keepList('a', 'en', list('1'));
  await cache.keepList('a', 'de', list('1', 'Rechner'));
  expect((await cache.list('a', 'en'))?.applications[0]?.name).toBe('Calculator');
  expect((await cache.list('a', 'de'))?.applications[0]?.name).toBe('Rechner');
  expect(await cache.list('b', 'en')).toBeUndefined();
});

it('takes a file that is broken, or of another version, for none', async () => {
  await cache.keepList('a', 'en', list('1'));
  const [file] = files();
  const path = join(file?.parentPath ?? '', file?.name ?? '');
  for (const text of ['{', 'null', '{"hotdesk":"0.0.0","revision":"1","applications":[]}']) {
    writeFileSync(path, text);
    expect(await cache.list('a', 'en')).toBeUndefined();
  }
});

it('knows an icon, that there is none, and that it does not know', async () => {
  const png = { type: 'png', data: Buffer.from('a picture') } as const;
  await cache.keepIcon('a', '1', 'calc', png);
  await cache.keepIcon('a', '1', '../../etc/passwd', 'none');
  expect(await cache.icon('a', '1', 'calc')).toEqual(png);
  expect(await cache.icon('a', '1', '../../etc/passwd')).toBe('none');
  expect(await cache.icon('a', '1', 'other')).toBeUndefined();
  expect(files().map((file) => statSync(join(file.parentPath, file.name)).mode & 0o777)).toEqual([
    0o600, 0o600,
  ]);
});

it('forgets the icons of a list that is replaced, of that host alone', async () => {
  const svg = { type: 'svg', data: Buffer.from('<svg/>') } as const;
  await cache.keepIcon('a', '1', 'calc', svg);
  await cache.keepIcon('b', '1', 'calc', svg);
  await cache.keepList('a', 'en', list('2'));
  expect(await cache.icon('a', '1', 'calc')).toBeUndefined();
  expect(await cache.icon('b', '1', 'calc')).toEqual(svg);
});
