#!/usr/bin/env node
// run-ts.mjs FILE ARGS...: bundles one TypeScript file with esbuild and runs it with this Node (which, at 20, reads none).
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: node scripts/run-ts.mjs FILE ARGS...');
  process.exit(2);
}
// Inside node_modules, so that the packages left external are found from there.
const folder = mkdtempSync(path.join(root, 'node_modules', '.run-ts-'));
const outfile = path.join(folder, `${path.basename(file, '.ts')}.mjs`);
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Each file of the bundle keeps its own import.meta.url. */
const ownUrls = {
  name: 'own-urls',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\.ts$/ }, ({ path: source }) => {
      const url = JSON.stringify(pathToFileURL(source).href);
      return { loader: 'ts', contents: readFileSync(source, 'utf8').replaceAll('import.meta.url', url) };
    });
  },
};

await build({
  entryPoints: [file],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  sourcemap: 'inline',
  plugins: [ownUrls],
  logLevel: 'warning',
});
const child = spawn(process.execPath, ['--enable-source-maps', outfile, ...args], { stdio: 'inherit' });
// Ctrl-C reaches the child through the terminal; this one waits for it, to clean up.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
