import type { Command } from 'commander';
import { HotdeskError } from '../../kernel/errors.ts';
import type { SettingRow } from '../../protocol/api.ts';
import type { Flags } from '../console.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';
import { table } from '../table.ts';

export function declare(program: Command, shell: Shell): void {
  const config = program.command('config').description('Look at the settings and change them');
  common(config.command('list'))
    .description('List every setting')
    .action((flags: Flags) => command(shell, flags, list));
  common(config.command('get'))
    .description('Print one setting')
    .argument('<key>', 'which one; parts of it by dots')
    .action((key: string, flags: Flags) => command(shell, flags, (run) => get(run, key)));
  common(config.command('set'))
    .description('Change a setting')
    .argument('<key>', 'which one; parts of it by dots')
    .argument('<value>', 'JSON, or else taken as text')
    .action((key: string, value: string, flags: Flags) =>
      command(shell, flags, (run) => change(run, key, value)),
    );
  common(config.command('unset'))
    .description('Back to the default')
    .argument('<key>', 'which one')
    .action((key: string, flags: Flags) => command(shell, flags, (run) => change(run, key, undefined)));
  examples(config, [
    ['hotdesk config list', 'every setting, its value and what it means'],
    ['hotdesk config set advertise presence', 'tell the network less'],
    ['hotdesk config unset advertise', 'back to the default'],
  ]);
}

async function list(run: Run): Promise<void> {
  const { path, settings } = await run.call('config.list', {}, 'reading the settings');
  if (run.console.flags.json) {
    run.console.json({ path, settings });
    return;
  }
  const columns = [
    { title: 'SETTING', min: 10 },
    { title: 'VALUE', min: 8 },
    { title: 'MEANING', min: 20 },
  ];
  const rows = settings.map((row) => [row.key, text(row.value), row.doc]);
  run.console.lines(table(columns, rows, run.console.width));
  run.console.note({ text: `They are in ${path}.`, style: 'dim' });
}

async function get(run: Run, key: string): Promise<void> {
  const { settings } = await run.call('config.list', {}, 'reading the settings');
  const value = settingAt(settings, key);
  if (run.console.flags.json) run.console.json({ key, value });
  else run.console.print(text(value));
}

async function change(run: Run, key: string, value: string | undefined): Promise<void> {
  const setting = await run.call(
    'config.set',
    { key, ...(value === undefined ? {} : { value }) },
    'writing the settings',
  );
  if (run.console.flags.json) run.console.json({ setting });
  else run.console.note(`${setting.key} is ${text(setting.value)} now.`);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/**
 * The value at `key`, whose dots lead into it.
 * @throws HotdeskError `bad-argument` with the settings there are
 */
export function settingAt(settings: readonly Pick<SettingRow, 'key' | 'value'>[], key: string): unknown {
  const row = settings.find((setting) => setting.key === key || key.startsWith(`${setting.key}.`));
  if (!row) {
    throw new HotdeskError('bad-argument', `There is no setting “${key}”.`, {
      candidates: settings.map((setting) => setting.key),
      hint: 'See `hotdesk config list`.',
    });
  }
  let value = row.value;
  for (const part of key.slice(row.key.length).split('.').filter(Boolean)) {
    const inside: object = typeof value === 'object' && value !== null ? value : {};
    value = Object.hasOwn(inside, part) ? (inside as Record<string, unknown>)[part] : undefined;
  }
  return value;
}
