import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundle, packagesIn } from '../../scripts/lib/bundle.mjs';
import { BUNDLES } from '../../scripts/lib/bundles.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe.each(BUNDLES)('dist/$output', (row) => {
  it('links nothing that it must not', async () => {
    const metafile = await bundle(ROOT, row, undefined);
    expect(Object.keys(metafile.inputs).length, 'a bundle of nothing was looked at').toBeGreaterThan(1);
    const linked = packagesIn(metafile);
    expect(linked.filter((name) => row.never.includes(name))).toEqual([]);
  });
});

describe('what a bundle links', () => {
  it('is told by the names of packages, scoped and nested ones too', () => {
    const files = [
      'src/a.ts',
      'node_modules/a/x.js',
      'node_modules/@b/c/y.js',
      'node_modules/a/node_modules/d/z.js',
    ];
    const inputs = Object.fromEntries(files.map((file) => [file, { bytes: 1, imports: [] }]));
    expect(packagesIn({ inputs, outputs: {} })).toEqual(['@b/c', 'a', 'd']);
  });
});
