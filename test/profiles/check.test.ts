import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { parseProfile } from '../../src/profiles/check.ts';
import { packaged } from '../contract/packaged.ts';
import { SMALL } from './small-profile.ts';

function problem(text: string): HotdeskError {
  try {
    parseProfile(text, '/etc/x/small.yaml');
  } catch (error) {
    if (error instanceof HotdeskError) return error;
  }
  throw new Error('it was accepted');
}

const files = readdirSync('profiles').filter((name) => name.endsWith('.yaml'));

test.each(files)('the packaged %s is sound', (file) => {
  const name = file.replace('.yaml', '');
  expect(packaged(name).name).toBe(name);
});

describe('a bad profile is one error that names file, path, and what was expected', () => {
  const cases: [string, (text: string) => string, string, string][] = [
    ['unknown key', (t) => t.replace('steals:', 'colour: red\nsteals:'), '', 'no key “colour”'],
    [
      'unknown key within',
      (t) => t.replace('    doc: Sound.', '    doc: S.\n    docs: x'),
      'options.sound',
      'docs',
    ],
    ['wrong type', (t) => t.replace('timeout: 5', 'timeout: soon'), 'start.timeout', 'number was expected'],
    [
      'wrong choice',
      (t) => t.replace('steals: shares', 'steals: eats'),
      'steals',
      'one of displaces, shares, refused',
    ],
    ['missing section', (t) => t.replace(/^stop:.*\n/mu, ''), 'can', 'a section “stop”'],
    ['section without its verb', (t) => t.replace(', stop,', ','), 'can', '“stop” was expected'],
    [
      'share without attach',
      (t) =>
        t
          .replace(/^can:.*/mu, 'can: [share, start, detach, stop, rename, thumbnail, exec-into]')
          .replace(/^connect:[\s\S]*?(?=^view)/mu, ''),
      'can',
      '“attach”',
    ],
    [
      'no such value',
      (t) => t.replace("[smallctl, undo, '{startId}']", "[smallctl, undo, '{localid}']"),
      'start.undo.argv[2]',
      '“localid” is no value',
    ],
    [
      'no such value in a condition',
      (t) => t.replace('mode=readonly', 'modus=readonly'),
      'view[1].argv[2]',
      '“modus” is no value',
    ],
    [
      'no such value in an option',
      (t) => t.replace('--size={value}', '--size={size}'),
      'options.size.view.set[0]',
      '“size” is no value',
    ],
    ['a brace alone', (t) => t.replace("'{place}'\n", "'{place'\n"), 'start', 'brace'],
    [
      'argv and sh',
      (t) => t.replace('exec-into: { sh:', 'exec-into: { argv: [x], sh:'),
      'exec-into',
      'exactly one of',
    ],
    ['no program', (t) => t.replace('[smallctl, list]', '[]'), 'list.command.argv', 'program'],
    ['no such error code', (t) => t.replace('91: application-exited', '91: oops'), 'exits.91', 'error code'],
    [
      'retry on what cannot be',
      (t) => t.replace('on: display-taken', 'on: timeout'),
      'start.retry.on',
      'exits',
    ],
    ['bad pattern', (t) => t.replace("'^shown'", "'(shown'"), 'view[1].ready', 'regular expression'],
    [
      'default that is no choice',
      (t) => t.replace('default: 24', 'default: 16'),
      'options.depth.default',
      '8, 24',
    ],
    [
      'set for a boolean',
      (t) => t.replace('view: { on: [--sound] }', "view: { set: ['{value}'] }"),
      'options.sound.view',
      '“on” and “off”',
    ],
    ['no YAML', (t) => `${t}\n  : [`, 'line', 'YAML was expected'],
    ['a key twice', (t) => `${t}\nname: other\n`, 'line', 'YAML was expected'],
    [
      'an alias',
      (t) => t.replace('title: A small one', 'title: &a A\n').replace('doc: Size.', 'doc: *a'),
      '',
      'aliases',
    ],
    ['not an object', () => '- 1', '', 'object was expected'],
    ['nothing', () => '', '', 'object was expected'],
    ['too big', (t) => `${t}#${'x'.repeat(200_000)}`, '', 'characters'],
    ['too deep', () => `a: ${'['.repeat(100_000)}`, '', 'levels'],
    [
      'too deep in blocks',
      () => Array.from({ length: 60 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
      '',
      'levels',
    ],
  ];
  test.each(cases)('%s', (_name, change, path, expected) => {
    const changed = change(SMALL);
    expect(changed).not.toBe(SMALL);
    const error = problem(changed);
    expect(error.code).toBe('bad-profile');
    expect(error.message).toContain('/etc/x/small.yaml');
    expect(error.message).toContain(path);
    expect(error.message).toContain(expected);
    expect(error.hint).toContain('profiles check');
  });
});
