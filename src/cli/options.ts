import type { Command } from 'commander';
import { type GivenOptions, parseOption } from '../model/given-option.ts';

/** Options that every command has. */
export function common(command: Command): Command {
  return command
    .option('--json', 'print a JSON object instead of text (its shape: docs/protocol.md)')
    .option('-q, --quiet', 'print results and errors only')
    .option('-v, --verbose', 'say what happens on the way');
}

/** Help with examples, one a line. */
export function examples(command: Command, lines: readonly (readonly [string, string])[]): Command {
  const width = Math.max(...lines.map(([line]) => line.length));
  const text = lines.map(([line, meaning]) => `  ${line.padEnd(width)}  ${meaning}`.trimEnd());
  return command.addHelpText('after', `\nExamples:\n${text.join('\n')}`);
}

/** Options of a profile: `--option NAME=VALUE`, as often as needed. */
export function profileOptions(command: Command): Command {
  return command.option(
    '-o, --option <name=value>',
    'an option of the profile (see `hotdesk profiles show NAME --options`); may be repeated',
    (text: string, before: GivenOptions | undefined) => ({ ...before, ...parseOption(text) }),
  );
}
