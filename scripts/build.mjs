#!/usr/bin/env node
// npm run build: bundles src/ into dist/. Plain Node with esbuild, so that it runs before anything is built.
//
// Each row of BUNDLES becomes one CommonJS file (they start about 4 ms sooner than ES modules). A dynamic
// import() of a row's source, anywhere in the code, is turned into a require of that row's file, so that what
// one command seldom needs costs the others nothing. `dist/meta/*.json` says what each file is made of:
// test/architecture/bundles.test.ts holds that against BUNDLES' `never`.
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, hasSource } from './lib/bundle.mjs';
import { BUNDLES } from './lib/bundles.mjs';
import { writeCodeCaches } from './lib/code-caches.mjs';
import { preparedProfiles } from './lib/prepared-profiles.mjs';
import { buildFingerprint, stampBuild } from './lib/stale.mjs';
import { writeCodeCache } from './lib/warm-up.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
/** Built aside and put in place when whole, so that a running hotdesk never meets half a build. */
const fresh = path.join(root, `.dist-${process.pid}`);

async function make(row) {
  const metafile = await bundle(root, row, fresh);
  writeFileSync(path.join(fresh, 'meta', `${row.output}.json`), JSON.stringify(metafile));
  const [made] = Object.values(metafile.outputs);
  return { output: row.output, bytes: made.bytes };
}

function replaceDist() {
  const old = path.join(root, `.dist-${process.pid}-old`);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}

const started = Date.now();
const fingerprint = buildFingerprint(root);
mkdirSync(path.join(fresh, 'meta'), { recursive: true });
process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));

const partial = process.argv.includes('--partial');
const missing = BUNDLES.filter((row) => !hasSource(root, row));
for (const row of missing) console.error(`build: ${row.source} does not exist`);
if (missing.length > 0 && !partial) process.exit(1);

const rows = BUNDLES.filter((row) => !missing.includes(row));
const made = await Promise.all(rows.map(make)).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
if (missing.length === 0) {
  const { parseProfile } = createRequire(import.meta.url)(path.join(fresh, 'profile-check.cjs'));
  writeFileSync(path.join(fresh, 'profiles.json'), JSON.stringify(preparedProfiles(root, parseProfile)));
}
for (const kind of ['hicolor', 'ico'])
  cpSync(path.join(root, 'src/tray/icons', kind), path.join(fresh, 'icons', kind), { recursive: true });
if (missing.length === 0) {
  // V8's code cache saves about 4 ms of every start; where it cannot be made, the bundle runs without.
  writeCodeCaches(rows, fresh, dist);
  if (!(await writeCodeCache(root, path.join(fresh, 'cli.cjs')))) console.error('build: no code cache');
  stampBuild(fresh, fingerprint);
}
replaceDist();
for (const { output, bytes } of made) console.log(`dist/${output.padEnd(14)} ${Math.ceil(bytes / 1024)} kB`);
console.log(`built in ${Date.now() - started} ms`);
