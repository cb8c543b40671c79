// @ts-check
/** @typedef {import('./packages.mjs').SystemPackage} SystemPackage */

/**
 * One table of what is there and what is missing.
 * @param {readonly SystemPackage[]} packages
 * @param {readonly SystemPackage[]} missing
 * @returns {string[]} lines
 */
export function packageTable(packages, missing) {
  const rows = packages.map((entry) => {
    const gone = missing.includes(entry);
    const rest = gone && entry.without ? `${entry.use}; without it: ${entry.without}` : entry.use;
    return [gone ? 'missing' : 'there', entry.name, rest];
  });
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(([state = '', name = '', rest = '']) =>
    `  ${state.padEnd(widths[0] ?? 0)}  ${name.padEnd(widths[1] ?? 0)}  ${rest}`.trimEnd(),
  );
}
