// code-cache.cjs BUNDLE CACHE LINE...: runs a bundle once with each of these command lines and writes V8's code
// cache of what that compiled.
// The wrapper is the one of bin/hotdesk.js, to the letter: the cache belongs to that text.
'use strict';
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const vm = require('node:vm');

const file = path.resolve(process.argv[2]);
const [cache, ...lines] = process.argv.slice(3);
const script = new vm.Script(
  `(function (exports, require, module, __filename, __dirname) {${fs.readFileSync(file, 'utf8')}\n})`,
  { filename: file },
);
process.on('exit', () => fs.writeFileSync(cache, script.createCachedData()));
for (const line of lines) {
  process.argv = [process.argv[0], process.argv[1], ...line.split(' ')];
  const bundle = new Module(file, module);
  bundle.filename = file;
  bundle.paths = module.paths;
  script
    .runInThisContext()
    .call(bundle.exports, bundle.exports, Module.createRequire(file), bundle, file, path.dirname(file));
}
