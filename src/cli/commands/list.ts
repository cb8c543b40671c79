import type { Command } from 'commander';
import type { Snapshot } from '../../protocol/api.ts';
import { sessionJson } from '../as-json.ts';
import type { Flags } from '../console.ts';
import { emptyNote, listLines, listNotes, sorted } from '../list-table.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';

/** How long hosts that were not asked before may take, in ms. */
const LOOK_MS = 3000;

interface ListFlags extends Flags {
  readonly watch?: boolean;
}

export function declare(program: Command, shell: Shell): void {
  const list = common(program.command('list'))
    .description('List the sessions on the machines around')
    .argument('[host]', 'only this host')
    .option('-w, --watch', 'show every change until Ctrl-C')
    .action((host: string | undefined, flags: ListFlags) =>
      command(shell, flags, async (run) => {
        if (!flags.watch) return once(run, host);
        const { watch } = await import('../watch.ts');
        return watch(run, await narrowing(host));
      }),
    );
  examples(list, [
    ['hotdesk list', 'every session, where it runs and where it is shown'],
    ['hotdesk list alpha', 'those on alpha'],
    ['hotdesk list --watch', 'the same, kept up to date'],
    ['hotdesk list --json', 'for scripts'],
  ]);
}

/** The list of all hosts, once. */
export function listAll(shell: Shell, flags: Flags): Promise<void> {
  return command(shell, flags, (run) => once(run, undefined));
}

async function once(run: Run, host: string | undefined): Promise<void> {
  await run.connect({ checks: 'envelope' });
  const look = { look: 'auto', waitMs: LOOK_MS, ...(host === undefined ? {} : { host }) } as const;
  const found = await run.call('catalogue', look, 'asking the hosts');
  show(run, (await narrowing(host))(found));
}

function show(run: Run, snapshot: Snapshot): void {
  const sessions = sorted(snapshot);
  if (run.console.flags.json) {
    run.console.json({ sessions: sessions.map((session) => sessionJson(session, snapshot)) });
    return;
  }
  if (sessions.length > 0)
    run.console.lines(listLines(sessions, snapshot, Date.now() / 1000, run.console.width));
  else run.console.note(emptyNote(snapshot));
  for (const note of listNotes(snapshot)) run.console.note({ text: note, style: 'yellow' });
}

/** Leaves only the sessions of the host that the user means. */
async function narrowing(wanted: string | undefined): Promise<(snapshot: Snapshot) => Snapshot> {
  if (wanted === undefined) return (snapshot) => snapshot;
  const { onHost } = await import('../narrow.ts');
  return (snapshot) => onHost(snapshot, wanted);
}
