// npm run servers-docs: logs in to every server of test/lab/servers, records what came of it, and writes the table of
// docs/security.md. With --check it only compares the table with what was recorded, and that with the list of servers.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Cell, Said } from '../test/lab/servers/cells.ts';
import { type Outcomes, readOutcomes } from '../test/lab/servers/outcomes.ts';
import { METHODS, type Probe, ROWS } from '../test/lab/servers/rows.ts';
import { writeOrCheck } from './lib/generated.ts';

const FILE = 'docs/security.md';
const BEGIN = '<!-- servers: made by npm run servers-docs -->';
const END = '<!-- /servers -->';
const COMMAND = 'npm run servers-docs';

const PROBE_NAMES: Readonly<Record<Probe, string>> = {
  command: 'commands',
  terminal: 'terminals',
  unix: 'unix sockets',
  tcp: 'ports',
  sessions: 'six commands at once',
  sftp: 'SFTP',
  keys: 'its keys are taken',
};
const HEADINGS = { publickey: 'key', password: 'password', 'keyboard-interactive': 'questions' } as const;

type Recorded = Outcomes[string][(typeof METHODS)[number]];

/** The server has no such way to log in, and nothing was tried. */
function isNotTaken({ login }: Recorded): boolean {
  return login !== 'in' && login.message.includes('(PreferredAuthentications)');
}

function loginCell(cell: Recorded): string {
  if (isNotTaken(cell)) return '–';
  if (cell.login !== 'in') return `\`${cell.login.code}\``;
  const { length } = cell.asked;
  return length === 0 ? 'in' : `in, ${length} ${length === 1 ? 'question' : 'questions'}`;
}

/** What works afterwards, and each error in its words, once. */
function wordsOf(cells: readonly Recorded[]): string {
  const lines = new Map<string, string[]>();
  const add = (line: string, about?: string) => {
    const abouts = lines.get(line) ?? [];
    if (about !== undefined && !abouts.includes(about)) abouts.push(about);
    lines.set(line, abouts);
  };
  for (const cell of cells) {
    if (cell.login !== 'in' && !isNotTaken(cell)) add(textOf(cell.login));
    for (const [probe, outcome] of entriesOf(cell)) {
      if (outcome !== 'works') add(`\`${outcome.code}\`: ${textOf(outcome)}`, PROBE_NAMES[probe]);
    }
  }
  const inside = cells.filter(({ login }) => login === 'in');
  const working = Object.keys(PROBE_NAMES).filter(
    (probe) => inside.length > 0 && inside.every(({ afterwards }) => afterwards[probe as Probe] === 'works'),
  );
  const works = working.map((probe) => PROBE_NAMES[probe as Probe]).join(', ');
  const said = [...lines].map(([line, abouts]) =>
    abouts.length > 0 ? `${abouts.join(', ')}: ${line}` : line,
  );
  return [...(works === '' ? [] : [`work: ${works}`]), ...said].join('<br>').replaceAll('|', '\\|');
}

function entriesOf(cell: Pick<Cell, 'afterwards'>): [Probe, 'works' | Said][] {
  return Object.entries(cell.afterwards) as [Probe, 'works' | Said][];
}

function textOf({ message, hint }: Said): string {
  return `“${message}”${hint === undefined ? '' : ` *${hint}*`}`;
}

function table(outcomes: Outcomes): string {
  const rows = ROWS.map(({ name }) => {
    const outcome = outcomes[name];
    if (!outcome) throw new Error(`Nothing is recorded of “${name}”. Run: ${COMMAND}`);
    const cells = METHODS.map((method) => outcome[method]);
    return `| ${[name, ...cells.map(loginCell), wordsOf(cells)].join(' | ')} |`;
  });
  const head = ['server', ...METHODS.map((method) => HEADINGS[method]), 'what works then, and what is said'];
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows].join('\n');
}

/** Runs the tests; they write what they see. */
function record(): void {
  const vitest = 'node_modules/vitest/vitest.mjs';
  const argv = [vitest, 'run', '--project', 'lab', 'test/lab/servers.test.ts'];
  const env = { ...process.env, HOTDESK_RECORD: '1' };
  const run = spawnSync(process.execPath, argv, { stdio: 'inherit', env });
  if (run.status !== 0) throw new Error('Not every server behaves as test/lab/servers/rows.ts says.');
}

if (!process.argv.includes('--check')) record();
const outcomes = readOutcomes('.');
const unknown = Object.keys(outcomes).filter((name) => !ROWS.some((row) => row.name === name));
if (unknown.length > 0) throw new Error(`No server is called ${unknown.join(', ')}. Run: ${COMMAND}`);
const text = readFileSync(FILE, 'utf8');
const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
if (from < 0 || to < from) throw new Error(`${FILE} has no ${BEGIN} and ${END}.`);
const made = `${text.slice(0, from + BEGIN.length)}\n${table(outcomes)}\n${text.slice(to)}`;
writeOrCheck(FILE, made, COMMAND);
