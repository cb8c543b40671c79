import { describe, expect, it } from 'vitest';
import { failuresOf, isGood, lastLine, NOTHING, plus, tallyOf } from '../../scripts/lib/tally.mjs';

const report = (changes: object = {}) => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ status: 'passed', assertionResults: [{ status: 'passed' }] }],
  ...changes,
});

describe('tallyOf', () => {
  it('counts what vitest reports', () => {
    expect(tallyOf(report(), 0)).toEqual({ passed: 3, failed: 0, skipped: 0 });
    const mixed = report({ numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 });
    expect(tallyOf(mixed, 1)).toEqual({ passed: 3, failed: 2, skipped: 2 });
  });

  it('counts a file that could not be loaded', () => {
    const broken = report({ testResults: [{ status: 'failed', assertionResults: [] }] });
    expect(tallyOf(broken, 1).failed).toBe(1);
  });

  it('counts a file with a failed test once', () => {
    const results = [{ status: 'failed', assertionResults: [{ status: 'failed' }] }];
    expect(tallyOf(report({ numFailedTests: 1, testResults: results }), 1).failed).toBe(1);
  });

  it('counts a run that failed without a failed test, or wrote nothing', () => {
    expect(tallyOf(report(), 1).failed).toBe(1);
    expect(tallyOf(undefined, 0).failed).toBe(1);
  });
});

describe('failuresOf', () => {
  const of = (result: NonNullable<Parameters<typeof failuresOf>[0]>['testResults'][number]) =>
    failuresOf({ testResults: [result] }, '/checkout');

  it('names each failed test by file and title, with the beginning of what it said', () => {
    const long = [
      'Error: no',
      '',
      '    at here',
      ...Array.from({ length: 60 }, (_, at) => `line ${at}`),
    ].join('\n');
    const lines = of({
      name: '/checkout/test/a.test.ts',
      status: 'failed',
      assertionResults: [
        { status: 'failed', fullName: 'a does b', failureMessages: [long] },
        { status: 'passed', fullName: 'a does c' },
      ],
    });
    expect(lines[0]).toBe('FAILED test/a.test.ts › a does b');
    expect(lines.slice(1, 3)).toEqual(['    Error: no', '        at here']);
    expect(lines).toHaveLength(31);
  });

  it('names a file that could not be loaded', () => {
    const lines = of({
      name: '/other/b.test.ts',
      status: 'failed',
      message: 'cannot find x',
      assertionResults: [],
    });
    expect(lines).toEqual(['FAILED /other/b.test.ts', '    cannot find x']);
  });

  it('has nothing to say of what passed, or of no report', () => {
    expect(of({ name: '/checkout/c', status: 'passed', assertionResults: [] })).toEqual([]);
    expect(failuresOf(undefined, '/checkout')).toEqual([]);
  });
});

describe('isGood', () => {
  const good = tallyOf(report(), 0);

  it('wants something to have run', () => {
    expect(isGood(NOTHING, false)).toBe(false);
    expect(isGood(good, false)).toBe(true);
  });

  it('takes a skipped test as a failure in CI only', () => {
    const skipped = plus(good, { ...NOTHING, skipped: 1 });
    expect([isGood(skipped, false), isGood(skipped, true)]).toEqual([true, false]);
  });

  it('never takes a failed one', () => {
    expect(isGood(plus(good, { ...NOTHING, failed: 1 }), false)).toBe(false);
  });
});

describe('lastLine', () => {
  it('is the sum', () => {
    expect(lastLine(plus({ passed: 1, failed: 2, skipped: 3 }, { passed: 1, failed: 1, skipped: 1 }))).toBe(
      '2 passed, 3 failed, 4 skipped',
    );
  });
});
