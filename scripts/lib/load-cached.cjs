// Loads a bundle with V8's code cache, which npm run build has written beside it (code-caches.mjs). Part of the
// bundles that load others so. Without a cache, and with one of another V8, the bundle is compiled as any other.
'use strict';
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const vm = require('node:vm');

/** The text that a cache belongs to. */
exports.wrapped = (code) => `(function (exports, require, module, __filename, __dirname) {${code}\n})`;

/** What the bundle `file` exports; loaded once, also where somebody else has required it. */
exports.load = (file) => {
  const require = Module.createRequire(file);
  const known = require.cache[file];
  if (known) return known.exports;
  const source = exports.wrapped(fs.readFileSync(file, 'utf8'));
  let cachedData;
  try {
    cachedData = fs.readFileSync(`${file}.v8`);
  } catch {
    // It starts later, and does the same.
  }
  const script = new vm.Script(source, { filename: file, cachedData });
  const bundle = new Module(file);
  bundle.filename = file;
  script.runInThisContext().call(bundle.exports, bundle.exports, require, bundle, file, path.dirname(file));
  bundle.loaded = true;
  require.cache[file] = bundle;
  return bundle.exports;
};
