/** What could follow on a command line: from the declared commands, and from what the agent knows. */
import type { Argument, Command, Option } from 'commander';
import { sanitise } from '../../kernel/text.ts';
import type { Application } from '../../model/application.ts';
import type { Host } from '../../model/host.ts';
import type { HostSession } from '../../model/session.ts';
import type { ProfileRow, SettingRow } from '../../protocol/api.ts';

export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** Names that only the agent knows. */
export interface Names {
  readonly hosts: readonly Pick<Host, 'name' | 'state'>[];
  readonly sessions: readonly Pick<HostSession, 'name' | 'host' | 'ref' | 'backend'>[];
  readonly profiles: readonly Pick<ProfileRow, 'name' | 'title'>[];
  readonly settings: readonly Pick<SettingRow, 'key' | 'doc'>[];
}

/** What is asked of the agent when it is needed. */
export interface Sources {
  names(): Promise<Names>;
  /** Of that host, without those that are hidden. */
  apps(host: string): Promise<readonly Pick<Application, 'id' | 'name'>[]>;
}

/**
 * @param words after the program's name; the last is the unfinished one, maybe empty
 */
export async function candidatesFor(
  program: Command,
  words: readonly string[],
  sources: Sources,
): Promise<Candidate[]> {
  const place = placeOf(program, words.slice(0, -1));
  const partial = words.at(-1) ?? '';
  const all = place === undefined ? [] : await possible(place, partial, sources);
  return all.filter(({ value }) => value.startsWith(partial));
}

interface Place {
  readonly command: Command;
  /** Option whose value comes next. */
  readonly option: Option | undefined;
  /** The arguments that are there already. */
  readonly given: readonly string[];
  readonly used: readonly string[];
}

/** Where on the command line the next word is; undefined after `--`, where another program's words are. */
function placeOf(program: Command, words: readonly string[]): Place | undefined {
  let command = program;
  let option: Option | undefined;
  let given: string[] = [];
  const used: string[] = [];
  for (const word of words) {
    if (word === '--') return undefined;
    if (option) {
      option = undefined;
      continue;
    }
    if (word.startsWith('-')) {
      used.push(word);
      const known = command.options.find((o) => o.long === word || o.short === word);
      option = known?.required ? known : undefined;
      continue;
    }
    const sub: Command | undefined =
      given.length === 0 ? command.commands.find((c) => c.name() === word) : undefined;
    if (sub) command = sub;
    else given = [...given, word];
  }
  return { command, option, given, used };
}

async function possible(place: Place, partial: string, sources: Sources): Promise<Candidate[]> {
  const { command, option } = place;
  if (option) return option.argChoices ? plain(option.argChoices) : byOption(option, place, sources);
  if (partial.startsWith('-')) return options(place);
  const subcommands = place.given.length === 0 ? command.createHelp().visibleCommands(command) : [];
  const fromHelp = subcommands.map((c) => ({ value: c.name(), description: firstLine(c.description()) }));
  const argument = command.registeredArguments[place.given.length];
  return argument ? [...fromHelp, ...(await byArgument(argument, command, sources))] : fromHelp;
}

function options({ command, used }: Place): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap((option) => {
      const value = option.long ?? option.short ?? '';
      return used.includes(value) ? [] : [{ value, description: firstLine(option.description) }];
    });
}

function plain(values: readonly string[]): Candidate[] {
  return values.map((value) => ({ value, description: '' }));
}

async function byOption(
  option: Option,
  { given: [host] }: Place,
  { names, apps }: Sources,
): Promise<Candidate[]> {
  if (option.long === '--app') return host === undefined ? [] : applications(await apps(host));
  if (option.long === '--backend') return profiles(await names());
  return option.long === '--to' || option.long === '--host' ? hosts(await names(), 'ssh') : [];
}

async function byArgument(argument: Argument, command: Command, { names }: Sources): Promise<Candidate[]> {
  if (argument.argChoices) return plain(argument.argChoices);
  switch (argument.name()) {
    case 'host':
      return hosts(await names(), FOR_ALL.has(command.name()) ? 'all' : 'ssh');
    case 'what':
      return hosts(await names(), 'rdp');
    case 'session':
      return sessions(await names());
    case 'profile':
      return profiles(await names());
    case 'key':
      return (await names()).settings.map(({ key, doc }) => ({ value: key, description: firstLine(doc) }));
    case 'name':
      return command.name() === 'remove' ? hosts(await names(), 'all') : [];
    default:
      return [];
  }
}

/** Commands that make sense for hosts that speak RDP alone too. */
const FOR_ALL: ReadonlySet<string> = new Set(['doctor', 'trust']);

function hosts(names: Names, which: 'all' | 'ssh' | 'rdp'): Candidate[] {
  const wanted = names.hosts.filter(
    ({ state }) => which === 'all' || (which === 'rdp') === (state === 'rdp-only'),
  );
  return wanted.map(({ name, state }) => ({ value: sanitise(name), description: state }));
}

function applications(all: readonly Pick<Application, 'id' | 'name'>[]): Candidate[] {
  return all.map(({ id, name }) => ({ value: sanitise(id), description: sanitise(name) }));
}

function profiles(names: Names): Candidate[] {
  return names.profiles.map(({ name, title }) => ({ value: name, description: sanitise(title) }));
}

/** By name where that is enough, else by name and host, else in full. */
function sessions({ sessions: all }: Names): Candidate[] {
  return all.map((session) => {
    const named = all.filter((s) => s.name === session.name);
    const isAlone = named.filter((s) => s.host === session.host).length === 1;
    const value =
      named.length === 1 ? session.name : isAlone ? `${session.name}@${session.host}` : session.ref;
    return { value: sanitise(value), description: `${session.backend} on ${sanitise(session.host)}` };
  });
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
