import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkLayers } from './checker.ts';
import { LAYERS } from './rules.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PLANTED = fileURLToPath(new URL('./planted', import.meta.url));

describe('src', () => {
  it('keeps the layer rules and package fences', async () => {
    const report = await checkLayers(ROOT);
    expect(report.violations).toEqual([]);
    expect(report.modules).toBeGreaterThan(20);
    expect(report.imports).toBeGreaterThan(40);
  });
});

describe('the checker', () => {
  it('finds each planted violation, and nothing else', async () => {
    const { violations } = await checkLayers(PLANTED);
    const found = violations.map(
      ({ rule, from, to }) => `${rule}: ${from} > ${to.replace(/^.*node_modules/u, 'npm')}`,
    );
    expect(found.sort()).toEqual([
      'cycle: src/ssh/one.ts > src/ssh/two.ts',
      'fence-conf: src/platform/elsewhere.ts > npm/conf/dist/source/index.js',
      'fence-ssh2-lazily: src/ssh/eager.ts > npm/ssh2/lib/index.js',
      'fence-ssh2-lazily: src/ssh/linked.ts > src/ssh/wire/ssh2.ts',
      'fence-ssh2-lazily: src/ssh/past.ts > npm/ssh2/lib/index.js',
      'layer-cli-lazily: src/cli/eager.ts > src/agent/main.ts',
      'layer-kernel: src/kernel/up.ts > src/platform/paths.ts',
      'layer-platform: src/platform/paths.ts > src/ssh/sibling.ts',
      'unknown-folder: src/surprise/file.ts > src/agent/main.ts',
    ]);
  });

  it('says so when it read nothing', async () => {
    const empty = mkdtempSync(path.join(tmpdir(), 'hotdesk-layers-'));
    try {
      mkdirSync(path.join(empty, 'src'));
      const { modules, imports } = await checkLayers(empty);
      expect([modules, imports]).toEqual([0, 0]);
    } finally {
      rmSync(empty, { recursive: true });
    }
  });

  it('lets no layer import one of a higher rank', () => {
    const order = LAYERS.map((layer) => layer.folder);
    for (const [rank, { folder, may }] of LAYERS.entries()) {
      for (const target of may) {
        expect(order.slice(0, rank), `${folder} > ${target}`).toContain(target.split('/')[0]);
      }
    }
  });
});
