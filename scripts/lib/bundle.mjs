// @ts-check
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { BUNDLES } from './bundles.mjs';

/** @typedef {import('./bundles.mjs').Bundle} Bundle */

/**
 * Where a bundle's source is: a file of the checkout, or a package by its name.
 * @param {string} root
 * @param {Bundle} row
 */
const entryOf = (root, row) => (row.source.startsWith('src/') ? path.join(root, row.source) : row.source);

/**
 * Whether the source of a bundle is there.
 * @param {string} root
 * @param {Bundle} row
 */
export function hasSource(root, row) {
  return !row.source.startsWith('src/') || existsSync(entryOf(root, row));
}

const LOADER = fileURLToPath(new URL('load-cached.cjs', import.meta.url));

/**
 * Turns import() of a bundle's source into a require of the bundle, or into what loads it by its code cache.
 * @param {string} root
 * @param {string} importer the bundle that is made
 * @returns {import('esbuild').Plugin}
 */
function lazyBundles(root, importer) {
  const rowOf = new Map(BUNDLES.map((row) => [entryOf(root, row), row]));
  return {
    name: 'lazy-bundles',
    setup(esbuild) {
      esbuild.onResolve({ filter: /.*/ }, (args) => {
        if (args.kind !== 'dynamic-import') return undefined;
        const wanted = args.path.startsWith('.') ? path.resolve(args.resolveDir, args.path) : args.path;
        const row = rowOf.get(wanted);
        if (row?.cachedIn?.includes(importer)) return { path: row.output, namespace: 'cached' };
        return row && { path: `./${row.output}`, external: true };
      });
      esbuild.onLoad({ filter: /.*/, namespace: 'cached' }, ({ path: output }) => ({
        contents: `module.exports = require(${JSON.stringify(LOADER)}).load(require('node:path').join(__dirname, '${output}'));`,
        resolveDir: root,
      }));
    },
  };
}

/** What packages link and hotdesk never calls. */
const UNCALLED = /^(ajv\/dist\/2020\.js|ajv-formats|semver|xml2js|thread-stream)$/;
/**
 * Whose: conf's JSON Schema checks (zod judges settings) and migrations, dbus-native's introspection, pino's
 * transports.
 */
const UNCALLED_BY = /node_modules\/(conf|@homebridge\/dbus-native|pino)\//u;

/** What dbus-native uses of node:assert, which is 300 kB with what it loads. */
const ASSERT = `module.exports = (value, message) => { if (!value) throw new Error(message); };
module.exports.equal = (value, wanted, message) => module.exports(value == wanted, message);`;

/**
 * Leaves out what is never called: 400 kB to read and keep in memory. A call would throw at once.
 * @type {import('esbuild').Plugin}
 */
const lean = {
  name: 'lean',
  setup(esbuild) {
    esbuild.onResolve({ filter: UNCALLED }, ({ path: name, importer }) =>
      UNCALLED_BY.test(importer) ? { path: name, namespace: 'uncalled' } : undefined,
    );
    esbuild.onLoad({ filter: /.*/, namespace: 'uncalled' }, () => ({ contents: 'module.exports = {};' }));
    esbuild.onResolve({ filter: /^assert$/ }, ({ path: name, importer }) =>
      importer.includes('dbus-native') ? { path: name, namespace: 'short' } : undefined,
    );
    esbuild.onLoad({ filter: /.*/, namespace: 'short' }, () => ({ contents: ASSERT }));
  },
};

/** Parts of Node that cost about a millisecond to load, and that few commands use. */
const SELDOM = /^node:(child_process|readline)$/;
/** dbus-native has it for a login that no bus of a desktop asks for. */
const SELDOM_OF_BUS = /^crypto$/;

/**
 * Loads them when something of theirs is used: commander asks for node:child_process at once and seldom needs it.
 * @type {import('esbuild').Plugin}
 */
const lateBuiltins = {
  name: 'late-builtins',
  setup(esbuild) {
    esbuild.onResolve({ filter: SELDOM }, ({ path: name, namespace }) =>
      namespace === 'late' ? { path: name, external: true } : { path: name, namespace: 'late' },
    );
    esbuild.onResolve({ filter: SELDOM_OF_BUS }, ({ path: name, importer }) =>
      importer.includes('dbus-native') ? { path: name, namespace: 'late' } : undefined,
    );
    esbuild.onLoad({ filter: /.*/, namespace: 'late' }, ({ path: name }) => {
      const names = Object.keys(process.getBuiltinModule(name) ?? {});
      const getters = names.map((key) => `get ${key}() { return load().${key}; }`);
      return {
        contents: `const load = () => require('${name}');\nmodule.exports = { ${getters.join(', ')} };`,
      };
    });
  },
};

/**
 * Bundles one row of BUNDLES.
 * @param {string} root the checkout
 * @param {Bundle} row
 * @param {string | undefined} folder where the bundle goes; nothing is written without
 * @returns {Promise<import('esbuild').Metafile>} what it is made of
 */
export async function bundle(root, row, folder) {
  const { metafile } = await build({
    entryPoints: [entryOf(root, row)],
    outfile: path.join(folder ?? 'dist', row.output),
    write: folder !== undefined,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    // import() of another bundle must be a require: code run by vm.Script has no import().
    supported: { 'dynamic-import': false },
    // A bundle has no URL of its own; the few places that ask get the one of the file.
    define: { 'import.meta.url': '__bundleUrl' },
    banner: { js: 'const __bundleUrl=require("node:url").pathToFileURL(__filename).href;' },
    // What is native, or finds its programs beside itself, stays in node_modules.
    external: ['cpu-features', '*.node', '@napi-rs/keyring', 'node-notifier'],
    plugins: [lazyBundles(root, row.output), lean, lateBuiltins],
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/**
 * The packages linked into a bundle.
 * @param {import('esbuild').Metafile} metafile
 */
export function packagesIn(metafile) {
  const names = Object.keys(metafile.inputs).map(
    (file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(file)?.[1],
  );
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
