import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { HOTDESK_VERSION } from '../src/protocol/version.ts';

const read = (file: string) => readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), 'utf8');
const manifest: { version: string; scripts: Record<string, string>; engines: { node: string } } = JSON.parse(
  read('package.json'),
);

describe('package.json', () => {
  it('has the version that hotdesk tells', () => {
    expect(HOTDESK_VERSION).toBe(manifest.version);
  });

  it('names the Node that the shim and the build want', () => {
    expect(manifest.engines.node).toBe('>=20.19');
    expect(read('bin/hotdesk.js')).toContain('20.19 or newer');
    expect(read('scripts/lib/bundle.mjs')).toContain("target: 'node20.19'");
  });

  it('pins every dependency', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'));
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^(npm:\w+@)?\d/u.test(String(version)),
    );
    expect(loose).toEqual([]);
  });

  it('is written up in the changelog', () => {
    expect(read('CHANGELOG.md')).toContain(`## ${manifest.version}`);
  });
});

describe('package-lock.json', () => {
  interface Entry {
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  }
  const { packages }: { packages: Record<string, Entry> } = JSON.parse(read('package-lock.json'));

  /** Where Node would find `name` from `place`: in its own node_modules, or in those above it. */
  function isLocked(place: string, name: string): boolean {
    if (packages[`${place === '' ? '' : `${place}/`}node_modules/${name}`]) return true;
    return (
      place !== '' && isLocked(place.slice(0, Math.max(0, place.lastIndexOf('node_modules/') - 1)), name)
    );
  }

  // npm leaves them out where the registry does not have them, and `npm ci` then refuses the whole file elsewhere.
  it('has the packages for other platforms too', () => {
    const absent = Object.entries(packages).flatMap(([place, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {}).filter((name) => !isLocked(place, name)),
    );
    expect(absent).toEqual([]);
  });
});
