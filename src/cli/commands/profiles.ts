import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { HotdeskError } from '../../kernel/errors.ts';
import type { ProfileOption, ProfileRow } from '../../protocol/api.ts';
import type { Flags } from '../console.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';
import { type Cell, table } from '../table.ts';

export function declare(program: Command, shell: Shell): void {
  const profiles = program
    .command('profiles')
    .description('Look at the profiles: how each backend is driven');
  common(profiles.command('list'))
    .description('List them, and what this machine has of each')
    .action((flags: Flags) => command(shell, flags, list));
  common(profiles.command('show'))
    .description('Print a profile, or its options')
    .argument('<profile>', 'its name')
    .option('--options', 'the options that it declares')
    .action((name: string, flags: Flags & { options?: boolean }) =>
      command(shell, flags, (run) => show(run, name, flags.options ?? false)),
    );
  common(profiles.command('check'))
    .description('Check a profile file')
    .argument('<file>', 'YAML')
    .action((file: string, flags: Flags) => command(shell, flags, (run) => check(run, file)));
  common(profiles.command('new'))
    .description('Write a profile of your own to begin with')
    .argument('<name>', 'its name: small letters, digits and hyphens')
    .action((name: string, flags: Flags) => command(shell, flags, (run) => create(run, name)));
  examples(profiles, [
    ['hotdesk profiles list', ''],
    ['hotdesk profiles show xpra --options', 'what `--option NAME=VALUE` takes for xpra'],
    ['hotdesk profiles new mine', 'a profile that works, to be changed into yours'],
    ['hotdesk profiles check ./mine.yaml', 'before it goes to ~/.config/hotdesk/profiles'],
  ]);
}

async function list(run: Run): Promise<void> {
  const { profiles } = await run.call('profiles.list', {}, 'reading the profiles');
  if (run.console.flags.json) {
    run.console.json({ profiles });
    return;
  }
  const columns = ['PROFILE', 'KINDS', 'AS HOST', 'AS VIEWER', 'CAN', 'PROBLEM'].map((title) => ({
    title,
    min: 7,
  }));
  run.console.lines(table(columns, profiles.map(row), run.console.width));
}

function row(profile: ProfileRow): Cell[] {
  const problem = profile.problem?.message ?? '';
  return [
    profile.name,
    profile.kinds.join(' '),
    profile.host ?? '-',
    profile.viewer ?? '-',
    profile.can.join(' '),
    problem ? { text: problem, style: 'red' } : '',
  ];
}

async function show(run: Run, name: string, onlyOptions: boolean): Promise<void> {
  const { profile, text, options } = await run.call('profiles.show', { name }, 'reading the profile');
  if (run.console.flags.json) {
    run.console.json({ profile, options, ...(onlyOptions ? {} : { text }) });
  } else if (onlyOptions) {
    const columns = ['OPTION', 'VALUES', 'DEFAULT', 'MEANING'].map((title) => ({ title, min: 7 }));
    run.console.lines(table(columns, options.map(optionRow), run.console.width));
  } else {
    run.console.note({ text: `# ${profile.file}`, style: 'dim' });
    for (const line of text.replace(/\n$/u, '').split('\n')) run.console.print(line.replaceAll('\t', '    '));
  }
}

function optionRow(option: ProfileOption): string[] {
  return [option.name, option.choices?.join(' ') ?? option.type, String(option.default), option.doc];
}

async function check(run: Run, file: string): Promise<void> {
  const path = resolve(run.shell.cwd, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new HotdeskError('bad-argument', `${file} cannot be read.`, {
      hint: (cause as Error).message,
      cause,
    });
  }
  const { profile } = await run.call('profiles.check', { file: path, text }, 'checking the profile');
  if (run.console.flags.json) run.console.json({ profile });
  else
    run.console.print(
      `${file}: ${profile.name} (${profile.title}) is in order. It can: ${profile.can.join(', ')}.`,
    );
}

async function create(run: Run, name: string): Promise<void> {
  if (!/^[a-z][a-z0-9-]{0,39}$/u.test(name)) {
    throw new HotdeskError('bad-argument', `“${name}” is no name of a profile.`, {
      hint: 'Small letters, digits and hyphens, a letter first: `hotdesk profiles new mine`.',
    });
  }
  const { profiles } = await run.call('profiles.list', {}, 'reading the profiles');
  const file = join(run.shell.paths.configDir, 'profiles', `${name}.yaml`);
  const other = profiles.find((profile) => profile.name === name);
  if (other || existsSync(file)) {
    throw new HotdeskError('bad-argument', `There is a profile “${name}” already: ${other?.file ?? file}.`, {
      hint: 'Take another name, or a copy of that file to change it.',
    });
  }
  const { writeProfile } = await import('../new-profile.ts');
  writeProfile(file, name);
  if (run.console.flags.json) run.console.json({ file });
  else run.console.print(`${file} is written. Change it, then: \`hotdesk profiles check ${file}\`.`);
}
