import type { Command } from 'commander';
import { HotdeskError } from '../kernel/errors.ts';

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

type Options = Record<string, string | number | boolean>;

/** Options of a profile: `--option NAME=VALUE`, as often as needed. */
export function profileOptions(command: Command): Command {
  return command.option(
    '-o, --option <name=value>',
    'an option of the profile (see `hotdesk profiles show NAME --options`); may be repeated',
    (text: string, before: Options | undefined) => ({ ...before, ...parseOption(text) }),
  );
}

/**
 * `name=value`; `name` alone means yes. The value stays text: what type it has is the profile's to say.
 * @throws HotdeskError `bad-option`
 */
export function parseOption(text: string): Options {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  if (!/^[\w-]+$/u.test(name)) {
    throw new HotdeskError('bad-option', `“${text}” is not NAME=VALUE.`, {
      hint: 'For example: --option quality=80.',
    });
  }
  return { [name]: at < 0 ? true : text.slice(at + 1) };
}
