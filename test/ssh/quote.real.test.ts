import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { newFrame } from '../../src/ssh/frame.ts';
import { forAnyShell, posixCommand } from '../../src/ssh/quote.ts';

/** What Debian packages as a login shell. The first six must be installed; the others are tried where they are. */
const REQUIRED = ['sh', 'bash', 'dash', 'zsh', 'fish', 'tcsh'];
const OPTIONAL = ['csh', 'bsd-csh', 'ksh93', 'mksh', 'yash', 'busybox', 'posh', 'rc'];
const shells = [...REQUIRED, ...OPTIONAL.filter((shell) => pathOf(shell) !== undefined)];

function pathOf(name: string): string | undefined {
  return ['/bin', '/usr/bin'].map((dir) => `${dir}/${name}`).find((path) => existsSync(path));
}

/** fish makes folders in it. */
const home = mkdtempSync(join(tmpdir(), 'hotdesk-quote-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What sshd does: the shell, `-c`, one string. */
function login(shell: string, line: string) {
  const args = shell === 'busybox' ? ['sh', '-c', line] : ['-c', line];
  return spawnSync(pathOf(shell) ?? shell, args, {
    env: { PATH: process.env.PATH, HOME: home },
  });
}

const special = [
  '',
  ' ',
  '  a  b ',
  "'",
  '"',
  '`id`',
  '$HOME',
  '$(id)',
  `$\{x}`,
  '$',
  '\\',
  '\\\\',
  '\\n',
  "\\'",
  '!',
  '!!',
  '!x',
  'a!',
  '^a^b',
  '#',
  '# x',
  'a#b',
  '~',
  '~root',
  '*',
  '?',
  '[a-z]',
  '{a,b}',
  '{}',
  '(',
  ')',
  '<',
  '>',
  '|',
  '&',
  ';',
  '%',
  '%s',
  '%1',
  '=',
  '=ls',
  'a=b',
  '-n',
  '-e',
  '--',
  ':',
  '@',
  '+',
  '\n',
  '\n\n',
  'a\nb',
  '\r',
  '\t',
  '\x01',
  '\x7f',
  '\x1b[31m',
  '\x80',
  '\x81\x82\x83\x84\x85\x86\x87\x88',
  'é',
  'ﬁ',
  '日本語',
  '🦊👩‍👩‍👧',
  '\u202e',
  '\ufeff',
  '\u0301',
  'it\'s "$x" \\ `!` \n',
  'x'.repeat(3000),
  '\\c',
  '\\0101',
  '\\x41',
  '\\u0041',
  'end\\',
  'trailing\n',
];

const word = fc.oneof(
  fc.constantFrom(...special),
  fc.string({ unit: fc.constantFrom(...'\'"\\!$`\n\t ^~*?[]{}()<>|&;#%=-abé🦊\x01\x81'), maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);
const safe = word.filter((w) => !w.includes('\0') && w.isWellFormed());

describe.each(shells)('login shell %s', (shell) => {
  test('is installed', () => {
    expect(pathOf(shell)).toBeDefined();
  });

  // Many words a spawn, so that a run stays quick: what must hold for one argv holds for each of its words.
  test('runs exactly the argv', () => {
    const argvs = [special, ...fc.sample(fc.array(safe, { minLength: 1, maxLength: 40 }), { numRuns: 25 })];
    for (const words of argvs) {
      const result = login(shell, forAnyShell(posixCommand(['printf', '%s\\0', ...words])));
      expect(result.stderr.toString()).toBe('');
      expect(result.stdout.toString().split('\0').slice(0, -1)).toEqual(words);
    }
  });

  test('sets variables to exactly the values', () => {
    const env = Object.fromEntries(special.map((value, i) => [`HD_${i}`, value]));
    const result = login(shell, forAnyShell(posixCommand(['env', '-0'], env)));
    const seen = new Map(
      result.stdout
        .toString()
        .split('\0')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    for (const [name, value] of Object.entries(env)) expect(seen.get(name)).toBe(value);
  });

  test('is replaced: the command has its pid, and its signal is the end that sshd sees', () => {
    const frame = newFrame();
    const script =
      frame.prologue + frame.errorPrologue + posixCommand(['sh', '-c', 'echo $PPID; kill -TERM $$']);
    const result = login(shell, forAnyShell(script));
    expect(result.stdout.toString()).toBe(`${frame.mark.toString()}${process.pid}\n`);
    expect(result.stderr.toString().startsWith(`${frame.mark.toString()} ${result.pid}\n`)).toBe(true);
    expect(result.signal).toBe('SIGTERM');
  });
});
