import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What a build depends on, relative to the checkout. */
const INPUTS = ['src', 'scripts/build.mjs', 'scripts/lib/bundles.mjs', 'package-lock.json'];

function filesUnder(root, relative) {
  const full = path.join(root, relative);
  const stat = statSync(full, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [`${relative} ${stat.size} ${stat.mtimeMs}`];
  return readdirSync(full)
    .sort()
    .flatMap((name) => filesUnder(root, path.join(relative, name)));
}

/** A digest of names, sizes and times of everything that goes into dist/: deleted files count too. */
export function buildFingerprint(root) {
  const entries = INPUTS.flatMap((input) => filesUnder(root, input));
  return createHash('sha256').update(entries.join('\n')).digest('hex');
}

const stampOf = (dist) => path.join(dist, 'meta', 'stamp');

/** Notes in the folder `dist` what it was built from. */
export function stampBuild(dist, fingerprint) {
  writeFileSync(stampOf(dist), fingerprint);
}

/** Whether dist/ is missing or was built from something else than what is there now. */
export function isBuildStale(root) {
  const stamp = stampOf(path.join(root, 'dist'));
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== buildFingerprint(root);
}

/** Whether node_modules is missing or older than package-lock.json (npm keeps its own copy of the lock there). */
export function areModulesStale(root) {
  const installed = statSync(path.join(root, 'node_modules', '.package-lock.json'), {
    throwIfNoEntry: false,
  });
  const lock = statSync(path.join(root, 'package-lock.json'), { throwIfNoEntry: false });
  return installed === undefined || (lock !== undefined && lock.mtimeMs > installed.mtimeMs);
}
