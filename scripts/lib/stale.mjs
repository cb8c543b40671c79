// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What a build depends on, relative to the checkout. */
const INPUTS = ['src', 'profiles', 'scripts/build.mjs', 'scripts/lib', 'package-lock.json'];

/**
 * @param {string} root
 * @param {string} relative
 * @returns {string[]}
 */
function filesUnder(root, relative) {
  const full = path.join(root, relative);
  const stat = statSync(full, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [`${relative} ${stat.size} ${stat.mtimeMs}`];
  return readdirSync(full)
    .sort()
    .flatMap((name) => filesUnder(root, path.join(relative, name)));
}

/**
 * A digest of names, sizes and times of everything that goes into dist/: deleted files count too.
 * @param {string} root
 */
export function buildFingerprint(root) {
  const entries = INPUTS.flatMap((input) => filesUnder(root, input));
  return createHash('sha256').update(entries.join('\n')).digest('hex');
}

/** @param {string} dist */
const stampOf = (dist) => path.join(dist, 'meta', 'stamp');

/**
 * Notes in the folder `dist` what it was built from.
 * @param {string} dist
 * @param {string} fingerprint
 */
export function stampBuild(dist, fingerprint) {
  writeFileSync(stampOf(dist), fingerprint);
}

/**
 * Whether dist/ is missing or was built from something else than what is there now.
 * @param {string} root
 */
export function isBuildStale(root) {
  const stamp = stampOf(path.join(root, 'dist'));
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== buildFingerprint(root);
}

/**
 * Whether node_modules is missing, or holds other versions than package-lock.json says. npm writes what it
 * has installed to node_modules/.package-lock.json; what is optional may be left out there.
 * @param {string} root
 */
export function areModulesStale(root) {
  const installedFile = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return true;
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  return Object.entries(wanted).some(
    ([place, entry]) =>
      place !== '' && entry.optional !== true && installed[place]?.version !== entry.version,
  );
}
