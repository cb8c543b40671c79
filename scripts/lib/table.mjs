// @ts-check
/** @typedef {import('./packages.mjs').SystemPackage} SystemPackage */

/**
 * One table of what is there and what is missing; what is too long for the terminal goes on in the same column.
 * @param {readonly SystemPackage[]} packages
 * @param {readonly SystemPackage[]} missing
 * @param {number} [columns] of the terminal; endless without
 * @returns {string[]} lines
 */
export function packageTable(packages, missing, columns = Number.POSITIVE_INFINITY) {
  const rows = packages.map((entry) => {
    const gone = missing.includes(entry);
    const rest = gone && entry.without ? `${entry.use}; without it: ${entry.without}` : entry.use;
    return { state: gone ? 'missing' : 'there', name: entry.name, rest };
  });
  const stateWidth = Math.max(...rows.map(({ state }) => state.length));
  const nameWidth = Math.max(...rows.map(({ name }) => name.length));
  const indent = stateWidth + nameWidth + 6;
  return rows.flatMap(({ state, name, rest }) => {
    const [first = '', ...others] = wrapped(rest, Math.max(columns - indent, 20));
    return [
      `  ${state.padEnd(stateWidth)}  ${name.padEnd(nameWidth)}  ${first}`,
      ...others.map((line) => ' '.repeat(indent) + line),
    ];
  });
}

/**
 * Breaks text between words, into lines of at most `width` where its words allow.
 * @param {string} text
 * @param {number} width
 */
function wrapped(text, width) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
