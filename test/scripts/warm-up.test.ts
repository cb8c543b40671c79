import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

it('the code caches are of commands that the stand-in has answered', async () => {
  const row = BUNDLES.find((each) => each.output === 'cli.cjs');
  if (!row) throw new Error('no bundle of the command line');
  // Alone: what these commands need is in it.
  await bundle(ROOT, row, folder);
  expect(await writeCodeCache(ROOT, join(folder, 'cli.cjs'))).toBe(true);
  const sizes = ['.v8', '.open.v8'].map((ending) => statSync(join(folder, `cli.cjs${ending}`)).size);
  // What parses a command line is in one of them alone.
  expect(sizes[1]).toBeGreaterThan((sizes[0] ?? 0) * 1.2);
});

it('says so where the program fails', async () => {
  const file = join(folder, 'broken.cjs');
  writeFileSync(file, 'process.exitCode = 3;');
  expect(await writeCodeCache(ROOT, file)).toBe(false);
});
