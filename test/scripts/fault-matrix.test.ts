import { expect, test } from 'vitest';
import { type Gap, matrix, type Proof, problemsOf } from '../lab/fault-matrix.ts';

const gap = (profile: string, faults: Gap['faults'], why: string): Gap => ({
  profiles: [profile],
  faults,
  why,
});
const ALL = [
  ...(['backend missing', 'viewer missing', 'display or port taken', 'wrong password'] as const),
  ...(['lock of a killed server', 'no such program', 'no room'] as const),
  ...(['viewer killed', 'server killed', 'two at once'] as const),
];
const proof: Proof = { fault: 'no room', file: 'lab/x.test.ts', test: 'has no room', profiles: ['a'] };
const rest = gap(
  'a',
  ALL.filter((fault) => fault !== 'no room'),
  'it cannot come',
);
const source = () => "it('has no room', async () => {";

test('each fault of each profile has a test that is there, or a reason, and not both', () => {
  expect(problemsOf([proof], [rest], ['a'], source)).toEqual([]);
  expect(problemsOf([proof], [rest], ['a'], () => '')).toEqual(['lab/x.test.ts has no test “has no room”']);
  expect(problemsOf([], [rest], ['a'], source)).toEqual(['a, no room: 0 tests, 0 reasons']);
  const both = [rest, gap('a', ['no room'], 'never')];
  expect(problemsOf([proof], both, ['a'], source)).toEqual(['a, no room: 1 tests, 1 reasons']);
  expect(problemsOf([proof], [rest, gap('b', ['no room'], 'x')], ['a'], source)).toEqual([
    'there is no profile b',
  ]);
  expect(problemsOf([proof], [rest], ['a', 'c'], source)).toHaveLength(ALL.length);
});

test('the table says what kind of test, or why there is none', () => {
  const lines = matrix([proof], [rest], ['a']).split('\n');
  expect(lines[2]).toBe(
    `| \`a\` | ${ALL.map((fault) => (fault === 'no room' ? 'hosts' : '– (1)')).join(' | ')} |`,
  );
  expect(lines.slice(3)).toEqual(['', '1. It cannot come.']);
});
