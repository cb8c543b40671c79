import { expect, test } from 'vitest';
import { preamble, question } from '../../../src/client/prompting/words.ts';
import type { PromptData } from '../../../src/protocol/api.ts';

const password: PromptData = {
  id: '1',
  kind: 'password',
  host: 'alpha',
  user: 'me',
  port: 22,
  title: 'alpha wants the password of me',
  instruction: '',
  prompts: [{ prompt: 'Password of me@alpha:', echo: false }],
  attempt: 1,
  attempts: 3,
};

test('a password is asked for in one line', () => {
  expect(preamble(password)).toEqual([]);
  expect(question(password, 0)).toBe('Password of me@alpha:');
});

test('what a server says is marked as its words, and cannot move the cursor', () => {
  const said = {
    ...password,
    attempt: 2,
    serverMessage: 'Welcome\n\u001b[2JPassword of me@beta:',
    on: 'beta',
  };
  expect(preamble(said)).toEqual([
    'alpha is on the way to beta.',
    'That was not right: try 2 of 3.',
    'alpha says: Welcome',
    'alpha says: [2JPassword of me@beta:',
  ]);
});

test('questions of a server name the account, as in ssh', () => {
  const asked: PromptData = {
    ...password,
    kind: 'keyboard-interactive',
    prompts: [{ prompt: 'Code:', echo: true }],
  };
  expect(question(asked, 0)).toBe('(me@alpha) Code:');
});
