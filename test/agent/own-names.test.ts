import { expect, it } from 'vitest';
import { listedAs, ownNames, plainName } from '../../src/agent/own-names.ts';

it('what the user typed in for the same target is a name of it, and nothing else', () => {
  const hosts = [
    { name: 'office', target: 'me@alpha' },
    { name: 'other', target: 'me@beta' },
  ];
  expect(ownNames('alpha', 'me@alpha', hosts)).toEqual(['alpha', 'office']);
  expect(ownNames('alpha', undefined, hosts)).toEqual(['alpha']);
});

it('a listed host is meant with and without .local, in letters of any size', () => {
  expect(listedAs(['Alpha.local'], ['alpha'])).toBe('alpha');
  expect(listedAs(['beta', 'ALPHA'], ['alpha.local.', 'office'])).toBe('alpha');
  expect(listedAs(['alpha'], ['alphabet', 'alpha.local.evil'])).toBeUndefined();
  expect(listedAs([], ['alpha'])).toBeUndefined();
});

it.each([
  ['Alpha.LOCAL', 'alpha'],
  ['alpha.local.', 'alpha'],
  ['alpha.lan', 'alpha.lan'],
  ['local', 'local'],
])('%s is %s', (name, plain) => {
  expect(plainName(name)).toBe(plain);
});
