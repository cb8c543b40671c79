/** Which values each template of a profile may name: what the loader holds every template against. */
import type { MigrateStep, Profile } from '../model/profile.ts';
import type { Arg, Command } from '../model/profile-command.ts';
import { conditionName, holesOf } from './render.ts';

/** A template, where it is in the file, and the names it may use; `any` where output fills it. */
export interface Use {
  readonly path: string;
  readonly arg: Arg;
  readonly known: ReadonlySet<string> | 'any';
  /** What lets a viewer in, where that output has it: it must not get into an argument. */
  readonly secret?: ReadonlySet<string> | undefined;
}

type Names = readonly string[] | 'any';

const START = ['startId', 'name', 'command', 'application', 'cwd', 'kind', 'viewerComes', 'options'];
const SESSION = ['localId'];
const VIEWER = ['viewerId', 'hostId', 'host', 'tag', 'mode'];
const VIEW = [...SESSION, ...VIEWER, 'path', 'port', 'folder', 'sshTo', 'there', 'options', 'name', 'attach'];

const MIGRATE_STEPS: readonly MigrateStep[] = [
  'describe',
  'receive',
  'send',
  'look',
  'beat',
  'take',
  'drop',
  'cancel',
  'leave',
];

/** Every template of `profile`. */
export function usesOf(profile: Profile): Use[] {
  const options = Object.keys(profile.options);
  const asked = profile.asks ? ['password'] : [];
  const secret = new Set([...(profile.connect?.secrets ?? []), ...asked]);
  const uses: Use[] = [];
  const add = (path: string, arg: Arg | undefined, names: Names, without?: ReadonlySet<string>) => {
    if (arg === undefined) return;
    uses.push({ path, arg, known: names === 'any' ? 'any' : new Set(names), secret: without });
  };
  /** @param input what its standard input may name besides */
  const command = (
    path: string,
    given: Command | undefined,
    names: Names,
    { input = [], without }: { input?: readonly string[]; without?: ReadonlySet<string> } = {},
  ) => {
    if (!given) return;
    (given.argv ?? []).forEach((arg, i) => {
      add(`${path}.argv[${i}]`, arg, names, without);
    });
    (given.args ?? []).forEach((arg, i) => {
      add(`${path}.args[${i}]`, arg, names, without);
    });
    for (const [key, value] of Object.entries(given.env ?? {}))
      add(`${path}.env.${key}`, value, names, without);
    add(`${path}.stdin`, given.stdin, names === 'any' ? 'any' : [...names, ...input], without);
  };
  const start = [...START, ...options];
  const viewing = [...SESSION, ...VIEWER, ...options];
  const shown = [...VIEW, ...options];

  command('detect.host.trial', profile.detect.host.trial, []);
  command('start.launch', profile.start?.launch, start, { input: asked });
  // What the launch put out is known only when it ran; of that it gets no secret.
  command('start.ready', profile.start?.ready, 'any', { without: new Set(asked) });
  command('start.undo', profile.start?.undo, start);
  add('start.localId', profile.start?.localId, 'any', secret);
  command('list.command', profile.list.command, []);
  const listed = listedFields(profile);
  for (const [key, value] of Object.entries(profile.list.session)) {
    add(`list.session.${key}`, typeof value === 'object' ? value.value : value, listed);
  }
  const { watchers } = profile.list;
  if (watchers) {
    for (const key of ['localId', 'tag', 'host'] as const) {
      add(`list.watchers.${key}`, watchers[key], watchers.output.fields);
    }
  }
  const { info } = profile;
  command('info.command', info?.command, listed);
  add('info.key', info?.key, listed);
  info?.settled?.forEach((template, i) => {
    add(`info.settled[${i}]`, template, 'any');
  });
  // Keys of an output are known only when it came.
  for (const [key, value] of Object.entries(info?.session ?? {})) {
    add(`info.session.${key}`, typeof value === 'object' ? value.value : value, 'any');
  }
  for (const [key, value] of Object.entries(info?.facts ?? {})) add(`info.facts.${key}`, value, 'any');
  for (const key of ['tag', 'host'] as const) add(`info.watchers.${key}`, info?.watchers?.[key], 'any');
  const { ended } = profile;
  command('ended.command', ended?.command, SESSION);
  for (const key of ['at', 'code', 'signal'] as const) add(`ended.${key}`, ended?.[key], 'any');
  ended?.lines.forEach((template, i) => {
    add(`ended.lines[${i}]`, template, 'any');
  });
  command('connect.own', profile.connect?.own, viewing);
  command('connect.prepare', profile.connect?.prepare, [...viewing, ...listed], { input: asked });
  command('connect.admit', profile.connect?.admit, [...viewing, ...listed], { input: asked });
  const endpoint = profile.connect?.endpoint;
  if (endpoint?.kind === 'unix') {
    add('connect.endpoint.path', endpoint.path, 'any', secret);
    add('connect.endpoint.port', endpoint.port, 'any', secret);
  }
  if (endpoint?.kind === 'pty' || endpoint?.kind === 'ssh') {
    endpoint.argv.forEach((arg, i) => {
      add(`connect.endpoint.argv[${i}]`, arg, 'any', secret);
    });
  }
  profile.view?.forEach((view, n) => {
    const files = Object.entries(view.files ?? {});
    const known = [...shown, ...files.map(([name]) => `file.${name}`)];
    view.argv.forEach((arg, i) => {
      add(`view[${n}].argv[${i}]`, arg, known);
    });
    for (const [name, file] of files) {
      const text = 'text' in file ? file.text : file.base64;
      const arg = file.when === undefined ? text : { when: file.when, args: [text] };
      add(`view[${n}].files.${name}`, arg, [...shown, ...secret]);
    }
    for (const [key, value] of Object.entries(view.env ?? {})) add(`view[${n}].env.${key}`, value, shown);
  });
  command('detach', profile.detach, [...SESSION, ...listed]);
  command('stop', profile.stop, [...SESSION, ...listed]);
  command('rename', profile.rename, [...SESSION, ...listed, 'newName']);
  command('thumbnail.command', profile.thumbnail?.command, [...SESSION, ...listed]);
  command('exec-into', profile['exec-into'], [...SESSION, ...listed, 'command', 'application']);
  command('words.command', profile.words?.command, [...SESSION, ...listed]);
  for (const step of MIGRATE_STEPS) {
    // The first is asked of a session; what it puts out is known only when it ran.
    const first = [...SESSION, ...listed, 'migrationId', 'limit', 'source', 'target'];
    command(`migrate.${step}`, profile.migrate?.[step], step === 'describe' ? first : 'any');
  }
  for (const [name, spec] of Object.entries(profile.options)) {
    for (const at of ['start', 'view'] as const) {
      for (const on of ['on', 'off', 'set'] as const) {
        (spec[at]?.[on] ?? []).forEach((arg, i) => {
          uses.push({
            path: `options.${name}.${at}.${on}[${i}]`,
            arg,
            known: new Set(on === 'set' ? ['value'] : []),
          });
        });
      }
    }
  }
  return uses;
}

/** Names that a command's templates ask for. */
export function namesIn(command: Command): string[] {
  const args = [...(command.argv ?? []), ...(command.args ?? [])];
  const templates = args.flatMap((arg) => (typeof arg === 'string' ? [arg] : arg.args));
  const texts = [...Object.values(command.env ?? {}), command.stdin ?? ''];
  const holes = [...templates, ...texts].flatMap(holesOf);
  const conditions = args.flatMap((arg) => (typeof arg === 'string' ? [] : [conditionName(arg.when)]));
  return [...holes.map((hole) => hole.name), ...conditions];
}

/** Every command of `profile` with its path. */
export function commandsOf(profile: Profile): { path: string; command: Command }[] {
  const all: [string, Command | undefined][] = [
    ['detect.host.trial', profile.detect.host.trial],
    ['start.launch', profile.start?.launch],
    ['start.ready', profile.start?.ready],
    ['start.undo', profile.start?.undo],
    ['list.command', profile.list.command],
    ['info.command', profile.info?.command],
    ['ended.command', profile.ended?.command],
    ['connect.own', profile.connect?.own],
    ['connect.prepare', profile.connect?.prepare],
    ['connect.admit', profile.connect?.admit],
    ['detach', profile.detach],
    ['stop', profile.stop],
    ['rename', profile.rename],
    ['thumbnail.command', profile.thumbnail?.command],
    ['exec-into', profile['exec-into']],
    ['words.command', profile.words?.command],
    ...MIGRATE_STEPS.map((step): [string, Command | undefined] => [
      `migrate.${step}`,
      profile.migrate?.[step],
    ]),
  ];
  return all.flatMap(([path, command]) => (command ? [{ path, command }] : []));
}

function listedFields(profile: Profile): readonly string[] {
  return profile.list.output.fields;
}
