import { expect, test } from 'vitest';
import { compareVersions, pairProblem, satisfies } from '../../src/profiles/version.ts';
import { smallProfile } from './small-profile.ts';

test('versions compare by number, part by part', () => {
  expect(compareVersions('3.10', '3.9')).toBeGreaterThan(0);
  expect(compareVersions('3', '3.0.0')).toBe(0);
  expect(compareVersions('2.9', '3')).toBeLessThan(0);
  expect(satisfies('3.1.3', '>=3.1')).toBe(true);
  expect(satisfies('3.1.3', '<3.1')).toBe(false);
});

test('a pair that cannot talk is told with both versions, whichever side has which', () => {
  const profile = smallProfile(
    (text) => `${text}\nversions: [{ one: '>=6', other: '<5', message: too far apart, hint: update it }]\n`,
  );
  expect(pairProblem(profile, '6.1', '3.1.3')).toMatchObject({
    code: 'version-pair',
    message: expect.stringMatching(/host has 6\.1.*3\.1\.3/u),
    hint: 'update it',
  });
  expect(pairProblem(profile, '3.1', '6')).toMatchObject({ code: 'version-pair' });
  expect(pairProblem(profile, '6.1', '5.0')).toBeUndefined();
  expect(pairProblem(profile, '3.1', undefined)).toBeUndefined();
});
