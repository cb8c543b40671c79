import { expect, it } from 'vitest';
import { questionCommand } from '../../src/tray/ask.ts';
import { terminalCommand } from '../../src/tray/terminal.ts';

const hostile = ['hotdesk', 'setup', '--', `-x "$(touch /tmp/x)" 'q' \`id\``];
const linux = (...programs: string[]) => ({
  platform: 'linux' as const,
  has: (name: string) => programs.includes(name),
});

it('runs a command in the first emulator that is there, as words', () => {
  const window = { command: hostile, stays: false };
  expect(terminalCommand(window, linux('xterm', 'konsole'))).toEqual(['konsole', '-e', ...hostile]);
  expect(terminalCommand(window, linux('foot'))).toEqual(['foot', ...hostile]);
  expect(() => terminalCommand(window, linux())).toThrow(
    expect.objectContaining({ code: 'command-missing' }),
  );
});

it('keeps what was said on the screen without making shell text of it', () => {
  const argv = terminalCommand({ command: hostile, stays: true }, linux('xterm'));
  expect(argv.slice(0, 4)).toEqual(['xterm', '-e', 'sh', '-c']);
  expect(argv.slice(5)).toEqual(['sh', ...hostile]);
  expect(argv[4]).not.toContain('touch');
});

it('speaks to Terminal.app in quotes of a shell inside of those of AppleScript', () => {
  const [program, , script = ''] = terminalCommand(
    { command: ['hotdesk', `it's "x" \\`], stays: false },
    {
      platform: 'darwin',
      has: () => false,
    },
  );
  expect(program).toBe('osascript');
  expect(script.split('\n')[1]).toBe(
    `tell application "Terminal" to do script "'hotdesk' 'it'\\\\''s \\"x\\" \\\\'"`,
  );
});

it('says only plain words to a Windows terminal', () => {
  const win = { platform: 'win32' as const, has: () => false };
  const command = ['C:\\Program Files\\node.exe', 'hotdesk.js', 'list', '--watch'];
  expect(terminalCommand({ command, stays: true }, win)).toEqual([
    ...['cmd', '/d', '/c', 'start', 'hotdesk', 'cmd', '/d', '/k'],
    ...command,
  ]);
  for (const bad of ['a&b', '%PATH%', 'x"y', '^']) {
    expect(() => terminalCommand({ command: [bad], stays: false }, win)).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    );
  }
});

it('asks by zenity or kdialog, and text is never an option or a mnemonic', () => {
  const question = { title: '--help', text: '<b>a_b\\', value: '-v' };
  expect(questionCommand(question, (name) => name === 'zenity')).toEqual([
    ...['zenity', '--entry', '--title=--help', '--text=<b>a__b\\\\', '--entry-text=-v'],
  ]);
  expect(questionCommand({ ...question, text: '--help' }, (name) => name === 'kdialog')).toEqual([
    ...['kdialog', '--title=--help', '--inputbox', 'help', 'v'],
  ]);
  expect(questionCommand(question, () => false)).toBeUndefined();
});
