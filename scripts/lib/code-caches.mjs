// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';
import loader from './load-cached.cjs';

/**
 * Writes V8's code cache beside each bundle that another loads by one, of all its functions: which of them a run
 * calls is not known here, as no host may be set up by a build.
 * @param {readonly import('./bundles.mjs').Bundle[]} rows
 * @param {string} folder of the bundles
 * @param {string} place where that folder goes: stacks of errors name it
 */
export function writeCodeCaches(rows, folder, place) {
  for (const { output } of rows.filter(({ cachedIn }) => cachedIn)) {
    const file = path.join(folder, output);
    const source = loader.wrapped(readFileSync(file, 'utf8'));
    writeFileSync(`${file}.v8`, cacheOf(source, path.join(place, output)));
  }
}

/**
 * @param {string} source
 * @param {string} filename
 * @returns {Buffer}
 */
function cacheOf(source, filename) {
  v8.setFlagsFromString('--no-lazy');
  try {
    const script = new vm.Script(source, { filename });
    // V8 refuses a cache that was written under other flags.
    v8.setFlagsFromString('--lazy');
    return script.createCachedData();
  } finally {
    v8.setFlagsFromString('--lazy');
  }
}
