/** That no template and no command of a profile goes unchecked. What each may name: rules.test.ts, asks.test.ts. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Profile } from '../../src/model/profile.ts';
import { holesOf } from '../../src/profiles/render.ts';
import { commandsOf, namesIn, usesOf } from '../../src/profiles/scope.ts';
import { packaged } from '../contract/packaged.ts';
import { smallProfile } from './small-profile.ts';

/** Every object and text within `value`, by its path as messages have it. */
function* within(value: unknown, path = ''): Generator<[string, unknown]> {
  yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    const next = Array.isArray(value) ? `${path}[${key}]` : `${path}${path ? '.' : ''}${key}`;
    yield* within(each, next);
  }
}

/** What has argv or sh and is no command: programs that tell their version, viewers, endpoints. */
const NO_COMMAND = /^(?:detect\.(?:host|viewer)\.version|view\[\d+\]|connect\.endpoint)$/u;
/** Text with braces that is no template: scripts, patterns, what is written of it, and what has fillers of its own. */
const NO_TEMPLATE =
  /(?:^|\.)(?:sh|pattern|keys|ready|connects|refused|fails|doc|title|message|hint)$|^(?:watch|detect|info\.output|versions)\.|\.leaves\[\d+\]$/u;

const commandPaths = (profile: Profile) =>
  [...within(profile)].flatMap(([path, value]) =>
    typeof value === 'object' &&
    value !== null &&
    ('argv' in value || 'sh' in value) &&
    !NO_COMMAND.test(path)
      ? [path]
      : [],
  );

const templatePaths = (profile: Profile) =>
  [...within(profile)].flatMap(([path, value]) => {
    if (typeof value !== 'string' || NO_TEMPLATE.test(path) || !/\{[a-z.]/iu.test(value)) return [];
    // Pieces of an argument are told by where that is, and a field of a session or a file by itself.
    const piece = path.replace(/\.args\[\d+\]$/u, (end) => (/\]\.args/u.test(path) ? '' : end));
    return [piece.replace(/\.(?:text|base64|value)$/u, '')];
  });

const names = readdirSync('profiles').flatMap((name) => /^(.+)\.yaml$/u.exec(name)?.[1] ?? []);

describe.each([...names.map((name): [string, Profile] => [name, packaged(name)]), ['small', smallProfile()]])(
  '%s',
  (_name, profile) => {
    test('has no command that is not looked at', () => {
      expect(
        commandsOf(profile)
          .map(({ path }) => path)
          .sort(),
      ).toEqual(commandPaths(profile).sort());
    });

    test('has no template that is not held against what it may name', () => {
      const held = new Set(usesOf(profile).map(({ path }) => path));
      const all = templatePaths(profile);
      expect(all.length).toBeGreaterThan(5);
      expect(all.filter((path) => !held.has(path))).toEqual([]);
    });

    test('names nothing twice where it is told by its path', () => {
      const paths = usesOf(profile).map(({ path }) => path);
      expect(new Set(paths).size).toBe(paths.length);
    });
  },
);

test('a command asks for what any part of it names, and not for what its script says', () => {
  const command = {
    args: ['{a}', 'x{b}y', { when: '!d=1', args: ['{e|words}'] }],
    sh: 'echo {f}',
    env: { X: '{g}' },
    stdin: '{h}',
  };
  expect(namesIn(command).sort()).toEqual(['a', 'b', 'd', 'e', 'g', 'h']);
  expect(namesIn({ argv: ['{{x}', 'y'] })).toEqual([]);
});

test('an option’s own arguments know its value alone', () => {
  const option = usesOf(smallProfile()).filter(({ path }) => path.startsWith('options.'));
  const known = option.map(({ path, arg, known: may }) => [path, holesOf(String(arg)).length, [...may]]);
  expect(known).toContainEqual(['options.size.view.set[0]', 1, ['value']]);
  expect(known).toContainEqual(['options.sound.start.on[0]', 0, []]);
});
