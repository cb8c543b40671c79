import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Asker, linesOf, promptsOf } from '../../../src/ssh/auth/asker.ts';
import type { Prompter, PromptRequest } from '../../../src/ssh/auth/auth.ts';
import { resolvedFrom } from '../../../src/ssh/ssh-config.ts';

const target = resolvedFrom({ name: 'alpha', user: 'me' }, new Map(), { home: '/nonexistent', env: {} });
const question = { kind: 'password', title: 't', prompts: [{ prompt: 'p', echo: false }] } as const;
const answering = (...answers: (readonly string[] | undefined)[]) => {
  const asked: PromptRequest[] = [];
  const prompter: Prompter = {
    ask: async (request) => {
      asked.push(request);
      return answers.shift();
    },
  };
  return { asked, prompter };
};

describe('Asker', () => {
  test('says for whom, and on the way to where', async () => {
    const { asked, prompter } = answering(['a'], ['b']);
    await new Asker(target, { prompter, on: 'beta' }).ask(question);
    await new Asker(target, { prompter, on: 'alpha' }).ask(question);
    expect(asked).toMatchObject([
      { host: 'alpha', user: 'me', port: 22, on: 'beta', instruction: '', attempt: 1, attempts: 1 },
      { host: 'alpha' },
    ]);
    expect(asked[1]).not.toHaveProperty('on');
  });

  test('a wrong number of answers is a refusal, and who refused is not asked again', async () => {
    for (const answers of [undefined, [], ['a', 'b']]) {
      const { asked, prompter } = answering(answers, ['late']);
      const asker = new Asker(target, { prompter });
      expect(await asker.ask(question)).toBeUndefined();
      expect(await asker.ask(question)).toBeUndefined();
      expect([asked.length, asker.refused, asker.canAsk]).toEqual([1, true, false]);
    }
  });

  test('a view that fails is a refusal; a line that is gone is not', async () => {
    const failing: Prompter = { ask: () => Promise.reject(new Error('gone')) };
    expect(await new Asker(target, { prompter: failing }).ask(question)).toBeUndefined();
    const asker = new Asker(target, { prompter: failing });
    asker.signal = AbortSignal.abort();
    await expect(asker.ask(question)).rejects.toThrow('gone');
  });

  test('shows the banner once, with the first question', async () => {
    const { asked, prompter } = answering(['a'], ['b']);
    const asker = new Asker(target, { prompter });
    asker.hear('one\r\n');
    asker.hear('two');
    await asker.ask(question);
    await asker.ask(question);
    expect(asked.map(({ serverMessage }) => serverMessage)).toEqual(['one\ntwo', undefined]);
  });

  test('tells when a person is waited for, however many wait', async () => {
    const told: boolean[] = [];
    const asker = new Asker(target);
    asker.onWaiting = (waiting) => told.push(waiting);
    await Promise.all([asker.waiting(async () => {}), asker.waiting(() => Promise.resolve())]);
    expect(told).toEqual([true, false]);
    expect(asker.isWaiting).toBe(false);
  });

  test('counts the tries that passwords and questions share', () => {
    const asker = new Asker({ ...target, passwordPrompts: 2 }, { prompter: answering().prompter });
    expect(asker.takeTry()).toEqual({ attempt: 1, attempts: 2 });
    expect(asker.mayTry).toBe(true);
    expect(asker.takeTry()).toEqual({ attempt: 2, attempts: 2 });
    expect(asker.mayTry).toBe(false);
  });
});

test('what stands before a question in its text is its instruction', () => {
  const prompt = 'You are required to change your password.\r\nCurrent password: ';
  expect(promptsOf({ name: '', instruction: 'Hello', prompts: [{ prompt, echo: false }] })).toEqual({
    instruction: 'Hello\nYou are required to change your password.',
    prompts: [{ prompt: 'Current password:', echo: false }],
  });
  const many = Array.from({ length: 17 }, () => ({ prompt: '', echo: false }));
  expect(promptsOf({ name: '', instruction: '', prompts: many })).toBeUndefined();
});

test('a server’s words are short, and hold nothing but text and line ends', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20_000 }), (said) => {
      const lines = linesOf(said).split('\n');
      expect(lines.length).toBeLessThanOrEqual(20);
      for (const line of lines) {
        expect(line.length).toBeLessThanOrEqual(200);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }
    }),
  );
});
