/** A file that a command line names, which may be anything that has a name. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contentOf } from '../../src/cli/given-file.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-given-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('is read as far as is allowed', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'abcdef');
  expect((await contentOf(file, 'It', 100, '')).toString()).toBe('abcdef');
  expect((await contentOf(file, 'It', 4, '')).toString()).toBe('abcd');
});

it('is refused where it is not there, a folder, or a pipe into which nobody writes', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const [path, message] of [
    [join(folder, 'none'), 'x is not there.'],
    [join(folder, 'none', 'below'), 'x is not there.'],
    [folder, 'x is no file.'],
    [pipe, 'x is no file.'],
    ['/dev/zero', 'x is no file.'],
  ] as const) {
    const error = { code: 'bad-argument', message, hint: 'Give one.' };
    await expect(contentOf(path, 'x', 10, 'Give one.')).rejects.toMatchObject(error);
  }
});
