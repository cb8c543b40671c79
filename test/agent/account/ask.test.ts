import { expect, test } from 'vitest';
import { askAccount } from '../../../src/agent/account/ask.ts';
import type { Prompter, PromptRequest } from '../../../src/ssh/ssh.ts';

const question = { user: 'me', host: 'alpha', what: 'xrdp' };
const { signal } = new AbortController();
const asked: PromptRequest[] = [];
const answering = (answers: readonly string[] | undefined): Prompter => ({
  ask: async (request) => {
    asked.push(request);
    return answers;
  },
});
const ask = (prompter: Prompter | undefined, before?: string) =>
  askAccount({ ...question, before }, prompter, signal);

test('asks for the account there, and says for what', async () => {
  expect(await ask(answering(['sé same"']))).toBe('sé same"');
  expect(asked[0]).toMatchObject({
    kind: 'password',
    host: 'alpha',
    user: 'me',
    title: 'xrdp wants the password of me on alpha',
    prompts: [{ prompt: 'Password of me@alpha for xrdp:', echo: false }],
  });
  await ask(answering(['sesame']), 'That was wrong. ');
  expect(asked[1]?.prompts[0]?.prompt).toBe('That was wrong. Password of me@alpha for xrdp:');
});

test('says to whom it is handed', async () => {
  asked.length = 0;
  await askAccount({ ...question, to: 'gamma' }, answering(['sesame']), signal);
  expect(asked[0]?.title).toBe('xrdp wants the password of me on alpha, handed to gamma');
  expect(asked[0]?.prompts[0]?.prompt).toBe('Password of me@alpha for xrdp, handed to gamma:');
});

test('nobody to ask, nobody who answers, and what is no password', async () => {
  await expect(ask(undefined)).rejects.toMatchObject({ code: 'auth-failed', hint: expect.any(String) });
  await expect(ask(answering(undefined))).rejects.toMatchObject({ code: 'auth-failed' });
  await expect(ask(answering(['']))).rejects.toMatchObject({ code: 'auth-failed' });
  // A line more in the viewer's file would be another of its arguments.
  await expect(ask(answering(['a\n/drive:all,/']))).rejects.toMatchObject({ code: 'bad-argument' });
  await expect(ask(answering(['x'.repeat(300)]))).rejects.toMatchObject({ code: 'bad-argument' });
});
