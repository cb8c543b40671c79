// @ts-check
/**
 * Counts of a test run.
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 */

/** @type {Tally} */
export const NOTHING = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {Tally} a
 * @param {Tally} b
 * @returns {Tally}
 */
export const plus = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/**
 * The counts of one vitest run.
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: readonly { status: string, assertionResults: readonly { status: string }[] }[] } | undefined} report
 *   what its JSON reporter wrote; undefined where it wrote nothing
 * @param {number} exitCode
 * @returns {Tally}
 */
export function tallyOf(report, exitCode) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  // A file that could not be loaded has no failed test in it.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    // Unhandled errors and broken hooks fail a run without failing a test.
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * What failed, and the beginning of what was said about it: the reports of the parts are thousands of lines apart.
 * @param {{ testResults: readonly { name: string, status: string, message?: string, assertionResults:
 *   readonly { status: string, fullName: string, failureMessages?: readonly string[] | null }[] }[] } | undefined} report
 *   what vitest's JSON reporter wrote
 * @param {string} root folder of the project
 * @returns {readonly string[]} lines
 */
export function failuresOf(report, root) {
  return (report?.testResults ?? [])
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const file = name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name;
      const failed = assertionResults.filter((test) => test.status === 'failed');
      if (failed.length === 0) return [`FAILED ${file}`, ...excerpt(message)];
      return failed.flatMap((test) => [
        `FAILED ${file} › ${test.fullName}`,
        ...excerpt(test.failureMessages?.[0]),
      ]);
    });
}

/** @param {string | undefined} message @returns {readonly string[]} */
const excerpt = (message = '') =>
  message
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 30)
    .map((line) => `    ${line.slice(0, 300)}`);

/**
 * The last line of npm test.
 * @param {Tally} tally
 */
export const lastLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/**
 * Whether a run may be called good: something ran, nothing failed, and in CI nothing was left out.
 * @param {Tally} tally
 * @param {boolean} ci
 */
export const isGood = ({ passed, failed, skipped }, ci) => failed === 0 && passed > 0 && !(ci && skipped > 0);
