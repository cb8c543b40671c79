/** What was read from a profile's file to a profile, or one clear error. Pure. */
import type * as z from 'zod/mini';
import { HotdeskError, isErrorCode } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import { type Ability, type OptionSpec, Profile } from '../model/profile.ts';
import { livesByViewer } from './not-kept.ts';
import { expected } from './options.ts';
import { conditionName, holesOf } from './render.ts';
import { commandsOf, type Use, usesOf } from './scope.ts';

/**
 * The profile that `raw` is.
 * @param file for the message
 * @throws HotdeskError `bad-profile`, naming file, path in it, and what was expected
 */
export function checkProfile(raw: unknown, file: string): Profile {
  const found = Profile.safeParse(raw);
  if (!found.success) {
    const [first] = found.error.issues;
    throw bad(
      file,
      first ? issuePath(first) : '',
      first ? describe(first) : 'it has not the form of a profile',
    );
  }
  const profile = found.data;
  checkAbilities(profile, file);
  checkCommands(profile, file);
  checkPatterns(profile, file);
  checkOptionSpecs(profile, file);
  for (const use of usesOf(profile)) checkUse(use, file);
  return profile;
}

/** Each verb wants its section, and a section its verb: `can` says neither more nor less. */
function checkAbilities(profile: Profile, file: string): void {
  const sections: readonly [Ability, string, boolean][] = [
    ['start', 'start', profile.start !== undefined],
    ['attach', 'connect', profile.connect !== undefined && !livesByViewer(profile)],
    ['detach', 'detach', profile.detach !== undefined],
    ['stop', 'stop', profile.stop !== undefined],
    ['rename', 'rename', profile.rename !== undefined],
    ['thumbnail', 'thumbnail', profile.thumbnail !== undefined],
    ['exec-into', 'exec-into', profile['exec-into'] !== undefined],
    ['migrate', 'migrate', profile.migrate !== undefined],
  ];
  for (const [ability, section, there] of sections) {
    if (profile.can.includes(ability) === there) continue;
    const message = there
      ? `“${ability}” was expected, since there is a section “${section}”`
      : `a section “${section}” was expected, since the profile can “${ability}”`;
    throw bad(file, 'can', message);
  }
  if (profile.connect && (profile.connect.prepare === undefined) !== livesByViewer(profile)) {
    throw bad(file, 'connect.prepare', 'it was expected where sessions are attached to, and there only');
  }
  for (const ability of ['move', 'share', 'readonly'] as const) {
    if (profile.can.includes(ability) && !profile.can.includes('attach')) {
      throw bad(file, 'can', `“attach” was expected beside “${ability}”`);
    }
  }
}

function checkCommands(profile: Profile, file: string): void {
  for (const { path, command } of commandsOf(profile)) {
    if ((command.argv === undefined) === (command.sh === undefined)) {
      throw bad(file, path, 'exactly one of “argv” and “sh” was expected');
    }
    if (command.argv && command.args) throw bad(file, `${path}.args`, '“args” was expected with “sh” only');
    if (command.argv?.length === 0) throw bad(file, `${path}.argv`, 'a program was expected');
  }
  for (const [exit, code] of Object.entries(profile.exits)) {
    if (!isErrorCode(code)) throw bad(file, `exits.${exit}`, 'an error code of hotdesk was expected');
  }
  const files = (profile.view ?? []).flatMap((view) => Object.keys(view.files ?? {}));
  if (profile.connect?.secrets && (files.length === 0 || profile.connect.endpoint.kind === 'pty')) {
    throw bad(file, 'connect.secrets', '“files” of a viewer were expected, which are all that may use them');
  }
  for (const [i, { without = [] }] of (profile.view ?? []).entries()) {
    const unknown = without.find((name) => !Object.hasOwn(profile.options, name));
    if (unknown !== undefined)
      throw bad(file, `view[${i}].without`, `“${unknown}” is no option of the profile`);
  }
  const on = profile.start?.retry?.on;
  if (on !== undefined && !Object.values(profile.exits).includes(on)) {
    throw bad(file, 'start.retry.on', 'an error code of “exits” was expected');
  }
}

function checkPatterns(profile: Profile, file: string): void {
  const patterns: [string, string | undefined][] = [
    ['detect.host.version.pattern', profile.detect.host.version.pattern],
    ['detect.viewer.version.pattern', profile.detect.viewer?.version.pattern],
    ['info.watchers.keys', profile.info?.watchers?.keys],
    [
      'info.output.pattern',
      profile.info?.output.format === 'regex' ? profile.info.output.pattern : undefined,
    ],
    ...profile.watch.sockets.map((each, i): [string, string] => [`watch.sockets[${i}]`, each]),
    ...(profile.view ?? []).flatMap((each, i): [string, string | undefined][] => [
      [`view[${i}].ready`, each.ready],
      [`view[${i}].connects`, each.connects],
      [`view[${i}].refused`, each.refused],
      [`view[${i}].fails`, each.fails],
    ]),
    ...Object.entries(profile.options).map(([name, each]): [string, string | undefined] => [
      `options.${name}.pattern`,
      each.pattern,
    ]),
  ];
  for (const [path, pattern] of patterns) {
    if (pattern === undefined) continue;
    try {
      new RegExp(pattern, 'u');
    } catch (cause) {
      throw bad(file, path, 'a regular expression was expected', cause);
    }
  }
}

function checkOptionSpecs(profile: Profile, file: string): void {
  for (const [name, spec] of Object.entries(profile.options)) {
    const path = `options.${name}`;
    if ((spec.type === 'choice') !== (spec.choices !== undefined)) {
      throw bad(file, `${path}.choices`, 'choices were expected for a “choice”, and there only');
    }
    if (!isOfOption(spec)) throw bad(file, `${path}.default`, `${expected(spec)} was expected`);
    if (spec.fit !== undefined && spec.type !== 'text') {
      throw bad(file, `${path}.fit`, 'it was expected for a “text” only');
    }
    for (const at of ['start', 'view'] as const) {
      const args = spec[at];
      if (!args) continue;
      const wrong = spec.type === 'boolean' ? args.set : (args.on ?? args.off);
      if (wrong) {
        throw bad(
          file,
          `${path}.${at}`,
          spec.type === 'boolean' ? '“on” and “off” were expected' : '“set” was expected',
        );
      }
    }
  }
}

/** Could a user give what is taken where none gives anything? */
function isOfOption(spec: OptionSpec): boolean {
  const { default: value, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = spec;
  switch (spec.type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'number':
      return typeof value === 'number' && value >= min && value <= max;
    case 'choice':
      return spec.choices?.some((each) => each === value) ?? false;
    case 'text':
      return typeof value === 'string' && new RegExp(`^(?:${spec.pattern ?? '.*'})$`, 'u').test(value);
  }
}

function checkUse(use: Use, file: string): void {
  const templates = typeof use.arg === 'string' ? [use.arg] : use.arg.args;
  const names = typeof use.arg === 'string' ? [] : [conditionName(use.arg.when)];
  for (const template of templates) {
    try {
      names.push(...holesOf(template).map((hole) => hole.name));
    } catch (cause) {
      throw bad(file, use.path, cause instanceof Error ? cause.message : 'a template was expected', cause);
    }
  }
  for (const name of names) {
    if (use.secret?.has(name)) {
      throw bad(file, use.path, `“${name}” is a secret, which “files” of a viewer alone may name`);
    }
    if (use.known === 'any' || use.known.has(name)) continue;
    throw bad(
      file,
      use.path,
      `“${name}” is no value that is known there; one of ${[...use.known].sort().join(', ') || 'none'} was expected`,
    );
  }
}

type Issue = z.core.$ZodIssue;

/** The deepest problem of a union is the one that its author meant. */
function deepest(issue: Issue): { issue: Issue; path: PropertyKey[] } {
  if (issue.code !== 'invalid_union') return { issue, path: [...issue.path] };
  const inner = issue.errors
    .flatMap((branch) => branch.slice(0, 1))
    .map(deepest)
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (!inner || inner.path.length === 0) return { issue, path: [...issue.path] };
  return { issue: inner.issue, path: [...issue.path, ...inner.path] };
}

function issuePath(issue: Issue): string {
  return deepest(issue).path.reduce<string>(
    (path, part) =>
      typeof part === 'number' ? `${path}[${part}]` : `${path}${path ? '.' : ''}${String(part)}`,
    '',
  );
}

function describe(given: Issue): string {
  const { issue } = deepest(given);
  switch (issue.code) {
    case 'unrecognized_keys':
      return `no key “${issue.keys.join('”, “')}” was expected`;
    case 'invalid_type':
      return `${issue.expected} was expected`;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')} was expected`;
    case 'invalid_format':
      return `text of the form ${'pattern' in issue ? String(issue.pattern) : issue.format} was expected`;
    case 'too_big':
      return `at most ${String(issue.maximum)} was expected`;
    case 'too_small':
      return `at least ${String(issue.minimum)} was expected`;
    default:
      return 'something else was expected';
  }
}

export function bad(file: string, path: string, message: string, cause?: unknown): HotdeskError {
  // A key of the file may hold anything.
  const place = [file, ...(path ? [sanitise(path)] : [])].join(': ');
  return new HotdeskError('bad-profile', `${place}: ${sanitise(message, 600)}.`, {
    hint: 'See docs/profiles.md, then `hotdesk profiles check FILE`.',
    cause,
  });
}
