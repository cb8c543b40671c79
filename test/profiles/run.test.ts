import { expect, test } from 'vitest';
import { argvOf, lastWords, runCommand } from '../../src/profiles/run.ts';
import { fakeMachine } from './fake-machine.ts';
import { smallProfile } from './small-profile.ts';

test('values of a script are parameters, never its text', () => {
  const command = { sh: 'echo "$1"', args: ['{name}', '{...command}'] };
  expect(argvOf(command, { name: '$(id)', command: ['`x`', ''] })).toEqual([
    'sh',
    '-c',
    'echo "$1"',
    'hotdesk',
    '$(id)',
    '`x`',
    '',
  ]);
});

test('exit codes mean what the profile says, 127 a missing backend, the rest a failed command', async () => {
  const run = (code: number, stderr: string) =>
    runCommand(fakeMachine(() => ({ code, stderr })).machine, smallProfile(), { argv: ['x'] }, {});
  await expect(run(90, 'no xterm')).rejects.toMatchObject({
    code: 'application-missing',
    message: 'no xterm.',
  });
  await expect(run(127, '')).rejects.toMatchObject({
    code: 'backend-missing',
    hint: expect.stringContaining('doctor'),
  });
  await expect(run(3, 'a\nb\n')).rejects.toMatchObject({
    code: 'command-failed',
    message: 'x on alpha ended with 3: a b.',
  });
});

test('what the user was asked for goes to the standard input alone', async () => {
  const { machine, ran } = fakeMachine(() => ({}));
  const command = { argv: ['login', '{user}', '{password}'], env: { P: '{password}' }, stdin: '{password}' };
  await runCommand(machine, smallProfile(), command, { user: 'me' }, { secrets: { password: 'a {user} b' } });
  await runCommand(machine, smallProfile(), { argv: ['x'] }, {}, { secrets: { password: 's' } });
  expect(ran[0]).toMatchObject({
    argv: ['login', 'me', ''],
    options: { env: { P: '' }, stdin: 'a {user} b' },
  });
  expect(ran[1]?.options).not.toHaveProperty('stdin');
});

test('last words are the last, and short', () => {
  expect(lastWords(Buffer.from(`${'noise\n'.repeat(10_000)}\u001b[1mend.\n\n`))).toMatch(/noise \[1mend$/u);
  expect(lastWords(Buffer.alloc(100_000, 'x')).length).toBeLessThanOrEqual(600);
});
