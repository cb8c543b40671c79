import type { Command } from 'commander';
import { displayWidth } from '../../kernel/text.ts';
import type { Result } from '../../protocol/api.ts';
import { type Around, placesOf } from '../../protocol/places.ts';
import { age } from '../age.ts';
import { sessionJson } from '../as-json.ts';
import type { Flags } from '../console.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';

export function declare(program: Command, shell: Shell): void {
  const info = common(program.command('info'))
    .description('Show what is known of a session')
    .argument('<session>', 'which one')
    .action((ref: string, flags: Flags) => command(shell, flags, (run) => showInfo(run, ref)));
  examples(info, [['hotdesk info xterm@alpha', 'its command, windows, viewers, …']]);
}

async function showInfo(run: Run, ref: string): Promise<void> {
  const result = await run.call('info', { ref }, `looking for ${ref}`);
  const around = await run.call('catalogue', { look: 'none', waitMs: 0 }, 'listing');
  if (run.console.flags.json) {
    run.console.json({ session: sessionJson(result.session, around), facts: result.facts });
    return;
  }
  const rows = infoRows(result, around, Date.now() / 1000);
  const width = Math.max(...rows.map(([name]) => displayWidth(name)));
  for (const [name, value] of rows) {
    run.console.print({ text: name, style: 'bold' }, ' '.repeat(width - displayWidth(name) + 2), value);
  }
}

/** Names and values, the backend's own facts last. @param now seconds since the epoch */
export function infoRows(
  { session, facts }: Result<'info'>,
  around: Around,
  now: number,
): [string, string][] {
  const places = placesOf(session, around).map((place) =>
    place.isHere ? `${place.host} (here)` : place.host,
  );
  const rows: [string, string | number | undefined][] = [
    ['name', session.name],
    ['reference', session.ref],
    ['host', session.host],
    ['kind', session.kind],
    ['state', session.state],
    ['title', session.title],
    ['command', session.command],
    ['age', session.startedAt === undefined ? undefined : age(now - session.startedAt)],
    ['windows', session.windows],
    ['process', session.pid],
    ['shown at', places.join(', ') || 'nowhere'],
    ...Object.entries(facts),
  ];
  const named = new Map<string, string>();
  for (const [name, value] of rows)
    if (value !== undefined && !named.has(name)) named.set(name, String(value));
  return [...named];
}
