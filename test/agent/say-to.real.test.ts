/** Real named pipes. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sayTo } from '../../src/agent/say-to.ts';
import { sleep } from '../../src/kernel/abort.ts';

let folder: string;
let pipe: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hd-say-'));
  pipe = join(folder, 'said');
});
afterEach(() => rmSync(folder, { recursive: true }));
const never = new AbortController().signal;

test('waits for the pipe, and for somebody who reads it', async () => {
  const said = sayTo(pipe, '=ä done', never);
  await sleep(20);
  execFileSync('mkfifo', [pipe]);
  await sleep(20);
  const { stdout } = await promisify(execFile)('cat', [pipe]);
  expect(stdout).toBe('=ä done');
  await said;
});

test('goes when nobody will come', async () => {
  const controller = new AbortController();
  const said = sayTo(pipe, '=x', controller.signal);
  setTimeout(() => controller.abort(new Error('nobody')), 20);
  await expect(said).rejects.toThrow('nobody');
  expect(() => readFileSync(pipe)).toThrow();
});

test('writes to nothing but a pipe, and follows no link', async () => {
  writeFileSync(pipe, 'mine');
  await expect(sayTo(pipe, '=x', never)).rejects.toMatchObject({ code: 'unsafe-file' });
  expect(readFileSync(pipe, 'utf8')).toBe('mine');
  const link = join(folder, 'link');
  symlinkSync(pipe, link);
  await expect(sayTo(link, '=x', never)).rejects.toMatchObject({ code: 'ELOOP' });
});
