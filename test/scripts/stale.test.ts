import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { areModulesStale, buildFingerprint, isBuildStale, stampBuild } from '../../scripts/lib/stale.mjs';

describe('stale', () => {
  let root: string;
  const file = (name: string, text: string) => {
    mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  };

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'hotdesk-stale-'));
    file('src/a/one.ts', '1');
    file('src/two.ts', '2');
    file(
      'package-lock.json',
      JSON.stringify({ packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } }),
    );
    mkdirSync(path.join(root, 'dist', 'meta'), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is a build that never was', () => {
    expect(isBuildStale(root)).toBe(true);
  });

  it('is a build whose source was changed, added to, or taken from', () => {
    const stamped = () => stampBuild(path.join(root, 'dist'), buildFingerprint(root));
    stamped();
    expect(isBuildStale(root)).toBe(false);
    file('src/a/one.ts', '11');
    expect(isBuildStale(root)).toBe(true);
    stamped();
    file('src/three.ts', '3');
    expect(isBuildStale(root)).toBe(true);
    stamped();
    rmSync(path.join(root, 'src', 'three.ts'));
    expect(isBuildStale(root)).toBe(true);
    stamped();
    expect(isBuildStale(root)).toBe(false);
  });

  const installed = (packages: object) =>
    file('node_modules/.package-lock.json', JSON.stringify({ packages }));

  it('are modules that are missing, or of other versions than the lock says', () => {
    expect(areModulesStale(root)).toBe(true);
    installed({ 'node_modules/a': { version: '1.0.0' } });
    expect(areModulesStale(root)).toBe(false);
    installed({ 'node_modules/a': { version: '1.0.1' } });
    expect(areModulesStale(root)).toBe(true);
    installed({});
    expect(areModulesStale(root)).toBe(true);
  });

  it('are not modules that lack what is optional', () => {
    installed({ 'node_modules/a': { version: '1.0.0' } });
    const optional = { version: '2.0.0', optional: true };
    file(
      'package-lock.json',
      JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': optional } }),
    );
    expect(areModulesStale(root)).toBe(false);
  });
});
