import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bundle } from '../../scripts/lib/bundle.mjs';
import { BUNDLES } from '../../scripts/lib/bundles.mjs';
import { writeCodeCaches } from '../../scripts/lib/code-caches.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LOADER = join(ROOT, 'scripts/lib/load-cached.cjs');
const ROW = { source: 'src/a.ts', output: 'a.cjs', never: [], cachedIn: ['b.cjs'] };
const CODE = `exports.where = [__filename, __dirname, module.filename];
exports.fails = () => new Error('no').stack;
exports.seldom = () => { ${'Math.max(1, 2); '.repeat(200)} return () => require('node:path').sep; };`;
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-caches-'));
  file = join(folder, 'a.cjs');
  writeFileSync(file, CODE);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** In a Node of its own, with the flags of any: what the bundle exports, and what V8 did with its cache. */
function loaded(): unknown {
  const script = `
    const vm = require('node:vm'), Script = vm.Script;
    let rejected;
    vm.Script = class extends Script {
      constructor(...args) { super(...args); rejected = this.cachedDataRejected; }
    };
    const load = () => require(${JSON.stringify(LOADER)}).load(${JSON.stringify(file)});
    const bundle = load();
    const same = load() === bundle && require(${JSON.stringify(file)}) === bundle;
    console.log(JSON.stringify({ rejected, same, where: bundle.where, says: bundle.seldom()(), at: bundle.fails().includes(${JSON.stringify(file)}) }));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', script]).toString());
}

it('V8 takes the cache, which has also the functions that nobody called', () => {
  const as = { same: true, where: [file, folder, file], says: '/', at: true };
  expect(loaded()).toEqual(as);
  writeCodeCaches([ROW, { source: 'src/c.ts', output: 'none.cjs', never: [] }], folder, folder);
  expect(loaded()).toEqual({ ...as, rejected: false });
  expect(statSync(`${file}.v8`).size).toBeGreaterThan(2 * new Script(CODE).createCachedData().length);
  writeFileSync(`${file}.v8`, 'no cache');
  expect(loaded()).toEqual({ ...as, rejected: true });
});

it('setup and what it loads come from caches, and the schemas of any command; the agent loads none so', async () => {
  const loads = async (output: string) => {
    const row = BUNDLES.find((each) => each.output === output);
    if (!row) throw new Error(`no bundle ${output}`);
    const files = Object.keys((await bundle(ROOT, row, undefined)).inputs);
    return files.filter((name) => name.startsWith('cached:')).sort();
  };
  expect(await loads('cli.cjs')).toEqual(['cached:checks.cjs', 'cached:setup.cjs']);
  expect(await loads('setup.cjs')).toEqual(['cached:keyring.cjs', 'cached:ssh2.cjs']);
  expect(await loads('agent.cjs')).toEqual([]);
});
