import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { bundle } from '../../scripts/lib/bundle.mjs';
import { BUNDLES } from '../../scripts/lib/bundles.mjs';
import { writeCodeCache } from '../../scripts/lib/warm-up.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hotdesk-warm-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the code cache is of a list that the stand-in has answered', async () => {
  const row = BUNDLES.find((each) => each.output === 'cli.cjs');
  if (!row) throw new Error('no bundle of the command line');
  await bundle(ROOT, row, folder);
  expect(await writeCodeCache(ROOT, join(folder, 'cli.cjs'))).toBe(true);
  expect(existsSync(join(folder, 'cli.cjs.v8'))).toBe(true);
});

it('says so where the program fails', async () => {
  const file = join(folder, 'broken.cjs');
  writeFileSync(file, 'process.exitCode = 3;');
  expect(await writeCodeCache(ROOT, file)).toBe(false);
});
