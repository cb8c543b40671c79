import { describe, expect, it } from 'vitest';
import { PlainTalk } from '../../../src/cli/setup/plain.ts';
import { type Asker, givenPassword, talkingPrompter } from '../../../src/cli/setup/prompter.ts';
import { FakeTerminal } from './terminal.ts';

type Request = Parameters<Asker['ask']>[0];
const signal = new AbortController().signal;
const request = (part: Partial<Request> = {}): Request => ({
  kind: 'password',
  host: 'alpha',
  user: 'me',
  port: 22,
  title: 'Password of me@alpha',
  instruction: '',
  prompts: [{ prompt: 'Password: ', echo: false }],
  attempt: 1,
  attempts: 3,
  ...part,
});

function rig() {
  const terminal = new FakeTerminal();
  let stops = 0;
  const prompter = talkingPrompter(
    new PlainTalk(terminal.streams),
    (work) => work(),
    () => {
      stops += 1;
    },
  );
  return { terminal, prompter, stops: () => stops };
}

describe('talkingPrompter', () => {
  it('asks each of the server’s questions, echoing what may be seen', async () => {
    const { terminal, prompter } = rig();
    const asked = prompter.ask(
      request({
        kind: 'keyboard-interactive',
        title: 'alpha asks me',
        instruction: 'Two things.\nIn order.',
        prompts: [
          { prompt: 'Password: ', echo: false },
          { prompt: 'Code: ', echo: true },
        ],
      }),
      signal,
    );
    await terminal.answer('alpha asks me\nTwo things.\nIn order.\nPassword (not shown):', 'hunter2\r');
    await terminal.answer('Code:', '123456\n');
    expect(await asked).toEqual(['hunter2', '123456']);
    expect(terminal.text).not.toContain('hunter2');
  });

  it('shows what the server said of the last try, and how many are left', async () => {
    const { terminal, prompter } = rig();
    const asked = prompter.ask(
      request({ attempt: 2, serverMessage: 'Permission denied,\nplease try again.' }),
      signal,
    );
    await terminal.answer('Warning: Permission denied,', '');
    await terminal.answer('Password of me@alpha (try 2 of 3)', '');
    await terminal.answer('Password (not shown):', 'hunter3\r');
    expect(await asked).toEqual(['hunter3']);
  });

  it('says that a try failed also where the server says nothing', async () => {
    const { terminal, prompter } = rig();
    const asked = prompter.ask(request({ attempt: 3 }), signal);
    await terminal.answer('Warning: That was not accepted.\nPassword of me@alpha (try 3 of 3)', '');
    await terminal.answer('(not shown):', 'x\r');
    await asked;
  });

  it('asks one thing at a time', async () => {
    const { terminal, prompter } = rig();
    const jump = prompter.ask(request({ title: 'The jump host' }), signal);
    const host = prompter.ask(request({ title: 'The host' }), signal);
    await terminal.answer('The jump host\nPassword (not shown):', 'one\r');
    expect(await jump).toEqual(['one']);
    await terminal.answer('The host\nPassword (not shown):', 'two\r');
    expect(await host).toEqual(['two']);
  });

  it('ends the run where the person stops, and not where the question is taken back', async () => {
    const { terminal, prompter, stops } = rig();
    const asked = prompter.ask(request(), signal);
    await terminal.answer('(not shown):', '\u0003');
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
    expect(stops()).toBe(1);
    const controller = new AbortController();
    const withdrawn = prompter.ask(request(), controller.signal);
    controller.abort();
    await expect(withdrawn).rejects.toMatchObject({ code: 'cancelled' });
    expect(stops()).toBe(1);
  });
});

describe('givenPassword', () => {
  const ask = (part: Partial<Request> = {}) => givenPassword('hunter2').ask(request(part), signal);
  const hidden = { prompt: 'Password:', echo: false };

  it('answers for the password, asked either way, once', async () => {
    expect(await ask()).toEqual(['hunter2']);
    expect(await ask({ kind: 'keyboard-interactive' })).toEqual(['hunter2']);
    expect(await ask({ attempt: 2 })).toBeUndefined();
  });

  it.each([
    { kind: 'passphrase' },
    { kind: 'new-password', prompts: [hidden, hidden] },
    { kind: 'keyboard-interactive', prompts: [{ prompt: 'Code:', echo: true }] },
    { kind: 'keyboard-interactive', prompts: [hidden, hidden] },
    { on: 'beta' },
  ] as const)('is not given for %j', async (part) => {
    expect(await ask(part)).toBeUndefined();
  });
});
