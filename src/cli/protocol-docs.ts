/**
 * The generated parts of docs/protocol.md: the table of exit codes and the shapes of `--json`. Not
 * part of the program: `node scripts/run-ts.mjs scripts/protocol-docs.ts` writes them, and a test
 * fails when they are not what the code says.
 */
import * as z from 'zod/mini';
import { EXIT, type ExitClass, SYSTEM_CODES, USER_CODES } from '../kernel/errors.ts';
import { ActionJson, AppsJson, ErrorJson, HostsJson, ListJson, SetupJson, SetupUndoneJson } from './json.ts';

const MEANINGS: Readonly<Record<ExitClass, string>> = {
  ok: 'Done.',
  system: 'A fault in hotdesk or in what it runs on.',
  usage: 'The command line, a name or a file that was given is wrong.',
  notFound: 'No host, session, profile or seat has that name, or several have.',
  unreachable: 'The host (or the agent, in the middle of a call) cannot be reached.',
  trust: "The host's key or the user's login was refused.",
  backend: 'The backend, or the application in it, failed.',
  busy: 'Somebody else is using what was asked for.',
  missing: 'Something that is needed is not installed.',
  timeout: 'It took longer than allowed.',
  cancelled: 'Stopped by Ctrl-C, or answered with no. `list --watch` and `agent log -f` end so.',
};

/** A Markdown table: exit code, meaning, error codes. */
export function exitTable(): string {
  const codes = Object.entries({ ...USER_CODES, ...SYSTEM_CODES });
  const rows = (Object.keys(EXIT) as ExitClass[]).map((name) => {
    const own = codes.filter(([, of]) => of === name).map(([code]) => `\`${code}\``);
    return `| ${EXIT[name]} | ${MEANINGS[name]} | ${own.join(' ')} |`;
  });
  return ['| exit code | meaning | error codes |', '|---|---|---|', ...rows].join('\n');
}

const SHAPES = [
  ['`hotdesk list --json`', ListJson],
  ['`hotdesk hosts --json`', HostsJson],
  ['`hotdesk apps HOST --json`', AppsJson],
  ['`start`, `attach`, `detach`, `move`, `migrate`, `stop`, `rename` with `--json`', ActionJson],
  ['`hotdesk setup --json`', SetupJson],
  ['`hotdesk setup --undo HOST --json`', SetupUndoneJson],
  ['Every command that fails with `--json`', ErrorJson],
] as const;

/** The JSON schemas (draft 2020-12). What is not listed may be added: readers skip what they do not know. */
export function jsonShapes(): string {
  return SHAPES.map(([title, schema]) => {
    const shape = z.toJSONSchema(schema, { io: 'input' });
    return `### ${title}\n\n\`\`\`json\n${JSON.stringify(shape, null, 2)}\n\`\`\``;
  }).join('\n\n');
}

const PARTS: Readonly<Record<string, () => string>> = { 'exit-codes': exitTable, json: jsonShapes };

/**
 * `text` with its generated parts made anew, each between `<!-- generated: NAME -->` and `<!-- end -->`.
 * @throws Error for a part that is missing or unknown
 */
export function withGenerated(text: string): string {
  const seen = new Set<string>();
  const made = text.replace(
    /(<!-- generated: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/gu,
    (_, start: string, name: string, end: string) => {
      const part = PARTS[name];
      if (!part) throw new Error(`docs/protocol.md has an unknown part: ${name}`);
      seen.add(name);
      return `${start}${part()}\n${end}`;
    },
  );
  for (const name of Object.keys(PARTS)) {
    if (!seen.has(name)) throw new Error(`docs/protocol.md has no part ${name}`);
  }
  return made;
}
