/** A profile to begin with, written where there may be one already. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeProfile } from '../../src/cli/new-profile.ts';
import { parseProfile } from '../../src/profiles/check.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-new-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it('is good as it stands, in a folder that is the user’s alone', () => {
  const file = join(folder, 'profiles', 'mine.yaml');
  writeProfile(file, 'mine');
  expect(parseProfile(readFileSync(file, 'utf8'), file).name).toBe('mine');
  expect(statSync(join(folder, 'profiles')).mode & 0o777).toBe(0o700);
});

it('takes the place of none that is there', () => {
  const file = join(folder, 'mine.yaml');
  writeFileSync(file, 'theirs');
  expect(() => writeProfile(file, 'mine')).toThrow('EEXIST');
  expect(readFileSync(file, 'utf8')).toBe('theirs');
});
