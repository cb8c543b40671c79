import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { EXIT, HotdeskError } from '../../kernel/errors.ts';
import type { ProfileOption, ProfileRow, ProofStep } from '../../protocol/api.ts';
import type { Flags } from '../console.ts';
import { contentOf } from '../given-file.ts';
import { common, examples, profileOptions } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';
import { type Cell, table } from '../table.ts';

/** Largest file that is sent to the agent, which says what is wrong with a larger one; in bytes. */
const LIMIT = 512 * 1024 + 1;
const GIVE = 'Give the file, such as ~/.config/hotdesk/profiles/mine.yaml.';

interface TestFlags extends Flags {
  readonly host?: string;
  readonly option?: Record<string, string | number | boolean>;
}

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
  profileOptions(
    common(profiles.command('test'))
      .description('Hold a profile against a host: start a session, do what it can, end it')
      .argument('<profile>', 'its name')
      .argument('[command...]', 'what runs in it, after `--`')
      .option('--host <host>', 'where (default: this machine)'),
  ).action((name: string, argv: string[], flags: TestFlags) =>
    command(shell, flags, (run) => prove(run, name, argv, flags)),
  );
  common(profiles.command('new'))
    .description('Write a profile of your own to begin with')
    .argument('<name>', 'its name: small letters, digits and hyphens')
    .action((name: string, flags: Flags) => command(shell, flags, (run) => create(run, name)));
  examples(profiles, [
    ['hotdesk profiles list', ''],
    ['hotdesk profiles show xpra --options', 'what `--option NAME=VALUE` takes for xpra'],
    ['hotdesk profiles test mine --host alpha', 'does it do what it says it can?'],
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
  } else if (onlyOptions && profile.problem) {
    throw new HotdeskError('bad-profile', profile.problem.message, { hint: profile.problem.hint });
  } else if (onlyOptions && options.length === 0) {
    run.console.note(`${name} declares no options.`);
  } else if (onlyOptions) {
    const columns = ['OPTION', 'VALUES', 'DEFAULT', 'MEANING'].map((title) => ({ title, min: 7 }));
    run.console.lines(table(columns, options.map(optionRow), run.console.width));
  } else {
    run.console.note({ text: `# ${profile.file}`, style: 'dim' });
    for (const line of text.replace(/\n$/u, '').split('\n')) run.console.print(line.replaceAll('\t', '    '));
  }
}

function optionRow(option: ProfileOption): string[] {
  const values = option.choices?.join(' ') ?? option.expects ?? option.type;
  return [option.name, values, String(option.default), option.doc];
}

async function check(run: Run, file: string): Promise<void> {
  const path = resolve(run.shell.cwd, file);
  const text = (await contentOf(path, file, LIMIT, GIVE)).toString();
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

async function prove(run: Run, name: string, argv: readonly string[], flags: TestFlags): Promise<void> {
  const seat = await run.seat();
  // Reads the files again: it may just have been written.
  await run.call('profiles.list', {}, 'reading the profiles');
  const host = flags.host ?? (await run.call('status', {}, 'asking the agent')).host;
  const { steps } = await run.call(
    'profiles.test',
    { name, host, command: [...argv], options: flags.option ?? {}, ...(seat === undefined ? {} : { seat }) },
    `testing ${name} on ${host}`,
  );
  const hasFailed = steps.some(({ state }) => state === 'failed');
  if (run.console.flags.json) run.console.json({ host, steps });
  else {
    const columns = ['STEP', 'RESULT', 'TIME', 'DETAIL'].map((title) => ({ title, min: 6 }));
    run.console.lines(table(columns, steps.map(stepRow), run.console.width));
  }
  if (hasFailed) run.shell.exitCode = EXIT.system;
}

function stepRow({ step, state, ms, detail }: ProofStep): Cell[] {
  const result: Cell = state === 'ok' ? { text: 'ok', style: 'green' } : { text: 'failed', style: 'red' };
  return [step, result, `${(ms / 1000).toFixed(1)} s`, detail];
}
