// @ts-check
/** The table of docs/support.md that says what of each profile was run, from vitest's JSON report. Pure. */

/**
 * Columns by how the titles of test/contract/contract.ts begin.
 * @type {readonly (readonly [string, string])[]}
 */
const COLUMNS = [
  ['detect', 'is detected'],
  ['start, list', 'start says'],
  ['many at once', 'many started'],
  ['by hand', 'sessions that somebody started by hand'],
  ['attach, thumbnail, detach', 'a viewer shows it'],
  ['second viewer', 'a second viewer that takes'],
  ['share', 'a second viewer by share'],
  ['read-only', 'a second viewer by readonly'],
  ['viewer killed', 'a viewer that is killed'],
  ['exec-into', 'a further command'],
  ['rename', 'a session is renamed'],
  ['no such program', 'an application that is not there'],
  ['program fails', 'an application that ends at once'],
  ['cancelled', 'a start that is cancelled'],
  ['program ends', 'the session ends when'],
];

/**
 * @typedef {object} Result
 * @property {readonly string[]} ancestorTitles `vnc on this machine`
 * @property {string} title
 * @property {string} status
 * @property {number | null | undefined} [duration] in ms
 */

/**
 * A Markdown table, one row a profile: seconds, or what failed, or `–` where the profile has no such step.
 * @param {readonly Result[]} results
 */
export function contractTable(results) {
  /** @type {Map<string, Result[]>} */
  const profiles = new Map();
  for (const result of results) {
    const name = /^(\S+) on (?:this machine|a host with \S+)$/u.exec(result.ancestorTitles.at(-1) ?? '')?.[1];
    if (name !== undefined) profiles.set(name, [...(profiles.get(name) ?? []), result]);
  }
  const titles = COLUMNS.map(([title]) => title);
  const rows = [...profiles].map(([name, all]) =>
    [
      `\`${name}\``,
      ...COLUMNS.map(([title, start]) =>
        cell(
          title,
          all.find((one) => one.title.startsWith(start)),
        ),
      ),
    ].join(' | '),
  );
  return [
    `| profile | ${titles.join(' | ')} |`,
    `|---${'|---'.repeat(titles.length)}|`,
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

/**
 * @param {string} column
 * @param {Result | undefined} result
 */
function cell(column, result) {
  if (result === undefined || ['skipped', 'pending', 'todo', 'disabled'].includes(result.status)) return '–';
  if (result.status !== 'passed') return '**failed**';
  const seconds = ((result.duration ?? 0) / 1000).toFixed(1);
  return column === 'second viewer' ? `${result.title.split(': ').at(-1)}, ${seconds}` : seconds;
}

const BEGIN = '<!-- Made by scripts/support-docs.mjs from a run of test/contract. -->';
const END = '<!-- End of what is made. -->';

/**
 * The text of docs/support.md with the table in its place.
 * @param {string} text
 * @param {string} table
 */
export function withTable(text, table) {
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from < 0 || to < from) throw new Error('docs/support.md has no place for the table');
  return `${text.slice(0, from)}${BEGIN}\n\n${table}\n\n${text.slice(to)}`;
}
