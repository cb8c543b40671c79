import type { Command } from 'commander';
import { fit as clip } from '../../kernel/text.ts';
import type { Application } from '../../model/application.ts';
import { localeOf } from '../../protocol/locale.ts';
import { appJson } from '../as-json.ts';
import type { Flags } from '../console.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';
import { type Cell, table } from '../table.ts';

interface AppsFlags extends Flags {
  readonly all?: boolean;
}

export function declare(program: Command, shell: Shell): void {
  const apps = common(program.command('apps'))
    .description('List the applications of a host, from its menu entries')
    .argument('<host>', 'where they are installed')
    .option('-a, --all', 'those too that make sense only there, such as its power settings')
    .action((host: string, flags: AppsFlags) => command(shell, flags, (run) => listApps(run, host, flags)));
  examples(apps, [
    ['hotdesk apps alpha', ''],
    ['hotdesk start alpha --app firefox', 'starts one of them, its window here'],
  ]);
}

async function listApps(run: Run, host: string, flags: AppsFlags): Promise<void> {
  const { applications = [], revision } = await run.call(
    'apps.list',
    { host, locale: localeOf(run.shell.env) },
    `asking ${host}`,
  );
  const shown = applications.filter((app) => flags.all || app.hidden === undefined);
  if (flags.json) {
    run.console.json({ host, revision, apps: shown.map(appJson) });
    return;
  }
  if (shown.length === 0) run.console.note(`${host} has no applications with an entry in its menus.`);
  else run.console.lines(table(COLUMNS, shown.map(row), run.console.width));
  const hidden = applications.length - shown.length;
  if (hidden > 0) run.console.note({ text: `${hidden} that make sense only there: --all.`, style: 'dim' });
}

const COLUMNS = [
  { title: 'APP', min: 10 },
  { title: 'NAME', min: 10 },
  { title: 'IN', min: 8 },
  { title: 'COMMAND', min: 7 },
  { title: 'NOTE', min: 4 },
];

function row(app: Application): Cell[] {
  return [
    app.id,
    app.name,
    app.terminal ? 'terminal' : 'window',
    clip(app.command.join(' '), 60),
    app.hidden === undefined ? '' : { text: NOTES[app.hidden], style: 'dim' },
  ];
}

const NOTES: Readonly<Record<NonNullable<Application['hidden']>, string>> = {
  'local-only': 'of use there only',
  'other-desktop': 'for another desktop',
};
