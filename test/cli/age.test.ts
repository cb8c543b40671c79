import { expect, it } from 'vitest';
import { age } from '../../src/cli/age.ts';

it.each([
  [-5, '0s'],
  [0.4, '0s'],
  [59.9, '59s'],
  [60, '1m'],
  [3599, '59m'],
  [7200, '2h'],
  [90_000, '1d'],
  [86_400 * 6, '6d'],
  [86_400 * 15, '2w'],
])('%d s is %s', (seconds, text) => {
  expect(age(seconds)).toBe(text);
});
