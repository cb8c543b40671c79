import { expect, it } from 'vitest';
import { plainList } from '../../src/cli/quick.ts';

it.each([
  [['list'], {}],
  [['list', '--json'], { json: true }],
  [['list', '-q', '-v', '--quiet', '--verbose'], { quiet: true, verbose: true }],
])('%j needs no parser', (argv, flags) => {
  expect(plainList(argv)).toEqual(flags);
});

it.each([
  [[]],
  [['hosts']],
  [['list', 'alpha']],
  [['list', '--watch']],
  [['list', '--help']],
  [['list', 'toString']],
])('%j is for the parser', (argv) => {
  expect(plainList(argv)).toBeUndefined();
});
