import { expect, test } from 'vitest';
import { askAccount } from '../../src/agent/ask-account.ts';
import type { Prompter, PromptRequest } from '../../src/ssh/ssh.ts';
import { HOST } from '../actions/fake-context.ts';
import { fakeMachine } from '../profiles/fake-machine.ts';

const profile = { name: 'rdp', asks: { password: 'xrdp' } };
const { signal } = new AbortController();
const { machine } = fakeMachine(() => ({ stdout: 'me\n' }));
const asked: PromptRequest[] = [];
const answering = (answers: readonly string[] | undefined): Prompter => ({
  ask: async (request) => {
    asked.push(request);
    return answers;
  },
});
const ask = (prompter: Prompter | undefined) => askAccount(profile, machine, HOST, prompter, signal);

test('asks for the account there, and says for what', async () => {
  expect(await ask(answering(['sé same"']))).toBe('sé same"');
  expect(asked[0]).toMatchObject({
    kind: 'password',
    host: 'alpha',
    user: 'me',
    title: 'xrdp wants the password of me on alpha',
    prompts: [{ prompt: 'Password of me@alpha for xrdp:', echo: false }],
  });
});

test('nobody to ask, nobody who answers, and what is no password', async () => {
  await expect(ask(undefined)).rejects.toMatchObject({ code: 'auth-failed', hint: expect.any(String) });
  await expect(ask(answering(undefined))).rejects.toMatchObject({ code: 'auth-failed' });
  await expect(ask(answering(['']))).rejects.toMatchObject({ code: 'auth-failed' });
  // A line more in the viewer's file would be another of its arguments.
  await expect(ask(answering(['a\n/drive:all,/']))).rejects.toMatchObject({ code: 'bad-argument' });
  await expect(ask(answering(['x'.repeat(300)]))).rejects.toMatchObject({ code: 'bad-argument' });
});
