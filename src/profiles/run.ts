/** Runs one command of a profile on a machine and says in our words what its exit means. */
import { type ErrorCode, HotdeskError, isErrorCode } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { ExecResult, Machine } from '../model/machine.ts';
import type { Profile } from '../model/profile.ts';
import type { Command } from '../model/profile-command.ts';
import { renderArgs, renderText, type Values } from './render.ts';

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Over the command's own, in ms. */
  readonly timeoutMs?: number | undefined;
  /** Values that only the command's standard input may have. */
  readonly secrets?: Values | undefined;
}

/** argv of a command: its own, or a shell that runs its script with the values as parameters. */
export function argvOf(command: Command, values: Values): string[] {
  if (command.sh !== undefined) {
    return ['sh', '-c', command.sh, 'hotdesk', ...renderArgs(command.args ?? [], values)];
  }
  return renderArgs(command.argv ?? [], values);
}

/**
 * Runs a command.
 * @throws HotdeskError by `exits` of the profile; `backend-missing` where the program is not there;
 * `command-failed` for any other failure, with the last line of its stderr
 */
export async function runCommand(
  machine: Machine,
  profile: Profile,
  command: Command,
  values: Values,
  options: RunOptions = {},
): Promise<ExecResult> {
  const env = Object.entries(command.env ?? {}).map(([name, text]) => [name, renderText(text, values)]);
  const argv = argvOf(command, values);
  const result = await machine.exec(argv, {
    env: Object.fromEntries(env),
    ...(command.stdin === undefined
      ? {}
      : { stdin: renderText(command.stdin, { ...values, ...options.secrets }) }),
    timeoutMs: options.timeoutMs ?? (command.timeout ?? 30) * 1000,
    signal: options.signal,
  });
  if (result.code !== 0) throw failureOf(machine, profile, argv[0] ?? '', result);
  return result;
}

/** Longest piece of a program's own words in an error. */
const DETAIL_LIMIT = 600;

function failureOf(machine: Machine, profile: Profile, program: string, result: ExecResult): HotdeskError {
  const detail = lastWords(result.stderr);
  const code = profile.exits[String(result.code)];
  if (isErrorCode(code)) {
    return new HotdeskError(code, detail ? sentence(detail) : `${profile.name} failed on ${machine.name}.`, {
      hint: cureOf(code, machine, profile),
    });
  }
  if (result.code === 127) {
    return new HotdeskError('backend-missing', `${profile.name} is not installed on ${machine.name}.`, {
      hint: cureOf('backend-missing', machine, profile),
    });
  }
  const how = result.signal === undefined ? `ended with ${result.code}` : `was ended by SIG${result.signal}`;
  return new HotdeskError(
    'command-failed',
    `${program} on ${machine.name} ${how}${detail ? `: ${detail}` : ''}.`,
    { hint: cureOf('command-failed', machine, profile) },
  );
}

/** What to do about a failure of which only the code is known. */
function cureOf(code: ErrorCode, machine: Machine, profile: Profile): string | undefined {
  switch (code) {
    case 'backend-missing':
      return `Run \`hotdesk doctor ${machine.name}\` for the command that installs it.`;
    case 'display-taken':
      return 'Try again: another display is taken then.';
    case 'session-busy':
      return 'Attach to the one that is there: see `hotdesk list`.';
    case 'auth-failed':
      return `It wants the password of your account on ${machine.name}: try again.`;
    case 'session-gone':
      return 'See `hotdesk list`.';
    case 'bad-option':
    case 'not-supported':
      return `See \`hotdesk profiles show ${profile.name}\`.`;
    case 'start-failed':
    case 'command-failed':
      return `See \`hotdesk doctor ${machine.name}\`, or run ${profile.name} by hand on that host to see more.`;
    default:
      return undefined;
  }
}

/** With its full stop, which `lastWords` leaves to whoever puts the words into a sentence. */
function sentence(words: string): string {
  return /[.!?…]$/u.test(words) ? words : `${words}.`;
}

/** What a program said last, made safe: its last lines as one. */
export function lastWords(output: Buffer): string {
  const lines = output
    .subarray(-8192)
    .toString('utf8')
    .split('\n')
    .map((line) => sanitise(line, DETAIL_LIMIT))
    .filter((line) => line !== '');
  return sanitise(lines.slice(-6).join(' '), DETAIL_LIMIT).replace(/\.$/u, '');
}
