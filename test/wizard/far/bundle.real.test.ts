/** hotdesk as it is copied to another machine: unpacked and run there by what a login shell finds. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOTDESK_VERSION } from '../../../src/protocol/version.ts';
import { bundleOf, launcherText } from '../../../src/wizard/far/bundle.ts';

const INSTALLATION = fileURLToPath(new URL('../../..', import.meta.url));
let root: string;
let folder: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'hd-far-'));
  // As hostile as a home folder may be called.
  folder = join(root, "o'brien $(touch x) program");
  const packed = join(root, 'packed.cjs');
  writeFileSync(packed, await bundleOf(INSTALLATION));
  execFileSync(process.execPath, [packed, folder]);
});
afterAll(() => rmSync(root, { recursive: true }));

function launch(node: string, words: readonly string[], path = '/usr/bin:/bin'): string {
  const launcher = join(root, 'hotdesk');
  writeFileSync(launcher, launcherText(node, folder), { mode: 0o755 });
  return execFileSync(launcher, words, { env: { PATH: path, HOME: root }, encoding: 'utf8', cwd: root });
}

test('runs with the Node of that time, which need not be in PATH', () => {
  expect(launch(process.execPath, ['--version'])).toContain(HOTDESK_VERSION);
});

test('runs with another Node when that one is gone', () => {
  const path = `${dirname(process.execPath)}:/usr/bin:/bin`;
  expect(launch('/nonexistent/node', ['--version'], path)).toContain(HOTDESK_VERSION);
});

test('hands its words on as they are', () => {
  const shown = launch(process.execPath, ['__complete', '--', "a'b $(touch x)"]);
  expect(shown).toBe('');
  expect(launch(process.execPath, ['start', '--help'])).toContain('hotdesk start');
});
