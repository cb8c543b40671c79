/**
 * The command line. Only the module of the command that is meant gets loaded; all of them only for
 * help and completion.
 */
import { Command, CommanderError } from 'commander';
import { EXIT, HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { HOTDESK_VERSION } from '../protocol/version.ts';
import { COMMANDS, type CommandEntry } from './commands.ts';
import { Console } from './console.ts';
import type { Shell } from './shell.ts';
import { gate } from './style.ts';

const EXAMPLES = `
Examples:
  hotdesk list                         what runs on the machines around
  hotdesk start alpha -- xterm         start xterm on alpha and show it here
  hotdesk move xterm                   bring it here from wherever it is shown
  hotdesk move xterm --to gamma        send it to gamma's seat
  hotdesk COMMAND --help               examples of each command

A session is meant by its name, name@host, backend:id@host, or the start of a name.
A host is meant by its name, name.local, address or ssh_config alias.

Exit codes: 0 done · 1 fault of hotdesk or the system · 2 wrong use · 3 no such host or session, or
several · 4 host not reachable · 5 host key or login refused · 6 backend or application failed ·
7 in use · 8 something is not installed · 9 took too long · 130 stopped by Ctrl-C`;

/** Runs the command line `argv` (without node and the program). Sets `shell.exitCode`. */
export async function runProgram(argv: readonly string[], shell: Shell): Promise<void> {
  const words = argv.length === 0 ? ['--help'] : argv;
  try {
    await (await programFor(words, shell)).parseAsync(words, { from: 'user' });
  } catch (error) {
    shell.exitCode = report(error, argv, shell);
  }
}

/** The program with the one command that `argv` names, or with all of them. */
async function programFor(argv: readonly string[], shell: Shell): Promise<Command> {
  const wanted = argv[0] === 'help' ? argv[1] : argv[0];
  const entry = COMMANDS.find((c) => c.name === wanted);
  return entry && argv[0] !== 'help' ? buildProgram(shell, [entry]) : buildProgram(shell, COMMANDS);
}

/** A program with these commands. */
export async function buildProgram(shell: Shell, entries: readonly CommandEntry[]): Promise<Command> {
  const program = new Command('hotdesk')
    .description('See, start, attach and move application sessions between the machines you own, over SSH.')
    .version(HOTDESK_VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', EXAMPLES)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void shell.streams.stdout.write(text),
      writeErr: (text) => void shell.streams.stderr.write(text),
      // Said once, by report().
      outputError: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  program.hook('preAction', (_program, action) => refuseEmpty(action));
  for (const entry of entries) (await entry.load()).declare(program, shell);
  return program;
}

/** Arguments and options that name something: an empty one is a script's variable that is not set. */
const NAMING: readonly string[] = [
  ...['host', 'session', 'what', 'key', 'profile', 'file'],
  ...['to', 'seat', 'backend', 'app'],
];

function refuseEmpty(action: Command): void {
  const given: [string, unknown][] = [
    ...action.registeredArguments.map((each, i): [string, unknown] => [each.name(), action.processedArgs[i]]),
    ...Object.entries(action.opts()),
  ];
  const [name] = given.find(([each, value]) => value === '' && NAMING.includes(each)) ?? [];
  if (name !== undefined) throw new CommanderError(1, 'hotdesk.empty', `Nothing was given for '${name}'`);
}

/** @returns the exit code */
function report(error: unknown, argv: readonly string[], shell: Shell): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  const coded = error instanceof CommanderError ? usage(error, argv) : toHotdeskError(error);
  new Console(shell.streams, shell.env, { json: wantsJson(argv) }, shell.callName).error(coded);
  return coded.exitCode;
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}

/** Commander's complaint as one of ours. */
function usage(error: CommanderError, argv: readonly string[]): HotdeskError {
  // Its help was printed in place of what was to be done.
  const said = error.code === 'commander.help' ? `Missing command of '${argv[0]}'` : error.message;
  const [message = '', ...suggestions] = said.replace(/^error: /u, '').split('\n');
  const command = COMMANDS.some((c) => c.name === argv[0]) ? `${argv[0]} ` : '';
  const hints = [
    ...suggestions.map((text) => text.replace(/^\((.*)\)$/u, '$1')),
    ...(error.code === 'commander.unknownOption' && argv[0] === 'start'
      ? ['Options of the application follow `--`: hotdesk start HOST -- COMMAND --its-option.']
      : []),
    `See \`hotdesk ${command}--help\`.`,
  ];
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
  return new HotdeskError('bad-argument', gate(/[.?!]$/u.test(sentence) ? sentence : `${sentence}.`), {
    hint: hints.join(' '),
  });
}
