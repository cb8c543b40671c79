import { describe, expect, test } from 'vitest';
import type { Connection } from '../../src/agent/api/server.ts';
import { Prompts } from '../../src/agent/prompts.ts';
import type { PromptRequest } from '../../src/ssh/ssh.ts';

interface Sent {
  readonly event: string;
  readonly data: { readonly id: string; readonly title?: string };
}

function view() {
  const sent: Sent[] = [];
  const closers: (() => void)[] = [];
  const connection = {
    hello: { hotdesk: 1, version: '0', role: 'client' },
    send: (event: string, data: Sent['data']) => void sent.push({ event, data }),
    backlog: () => 0,
    onClose: (listener: () => void) => void closers.push(listener),
  } as unknown as Connection;
  const call = new AbortController();
  const last = () => sent.at(-1)?.data.id ?? '';
  const titles = () => sent.filter((s) => s.event === 'prompt').map((s) => s.data.title);
  return { connection, sent, titles, last, call, close: () => closers.map((c) => c()) };
}

const request = (host: string, more: Partial<PromptRequest> = {}): PromptRequest => ({
  kind: 'password',
  host,
  user: 'me',
  port: 22,
  title: host,
  instruction: '',
  prompts: [{ prompt: 'Password:', echo: false }],
  attempt: 1,
  attempts: 3,
  ...more,
});

const never = new AbortController().signal;

function asked(prompts: Prompts, from: ReturnType<typeof view>) {
  const prompter = prompts.of({ connection: from.connection, signal: from.call.signal });
  if (!prompter) throw new Error('nobody attends');
  return prompter;
}

describe('Prompts', () => {
  test('asks nobody for a view that does not attend', () => {
    const { connection, call } = view();
    expect(new Prompts().of({ connection, signal: call.signal })).toBeUndefined();
  });

  test('brings a question to the view of the call, and its answer back', async () => {
    const prompts = new Prompts();
    const [mine, other] = [view(), view()];
    for (const { connection } of [mine, other]) prompts.attend(connection);
    const answer = asked(prompts, mine).ask(request('alpha'), never);
    expect(mine.titles()).toEqual(['alpha']);
    expect(other.sent).toEqual([]);
    expect(() => prompts.answer(other.connection, mine.last(), ['x'])).toThrow('not asked');
    expect(() => prompts.answer(mine.connection, mine.last(), [])).toThrow('1 answers');
    prompts.answer(mine.connection, mine.last(), ['secret']);
    expect(await answer).toEqual(['secret']);
    expect(() => prompts.answer(mine.connection, mine.last(), ['again'])).toThrow('not asked');
  });

  test('one question at a time in a view', async () => {
    const prompts = new Prompts();
    const mine = view();
    prompts.attend(mine.connection);
    const prompter = asked(prompts, mine);
    const answers = ['alpha', 'beta'].map((host) => prompter.ask(request(host), never));
    expect(mine.titles()).toEqual(['alpha']);
    prompts.refuse(mine.connection, mine.last());
    expect(mine.titles()).toEqual(['alpha', 'beta']);
    prompts.answer(mine.connection, mine.last(), ['b']);
    expect(await Promise.all(answers)).toEqual([undefined, ['b']]);
  });

  test('the same thing is not asked in two views at once; others are', async () => {
    const prompts = new Prompts();
    const [one, two] = [view(), view()];
    for (const { connection } of [one, two]) prompts.attend(connection);
    const key = { kind: 'passphrase', subject: '/home/me/.ssh/id' } as const;
    const first = asked(prompts, one).ask(request('alpha', key), never);
    const second = asked(prompts, two).ask(request('beta', key), never);
    expect(two.sent).toEqual([]);
    const third = asked(prompts, two).ask(request('gamma'), never);
    expect(two.titles()).toEqual(['gamma']);
    prompts.answer(two.connection, two.last(), ['g']);
    expect(two.titles()).toEqual(['gamma']);
    prompts.answer(one.connection, one.last(), ['p']);
    expect(two.titles()).toEqual(['gamma', 'beta']);
    prompts.answer(two.connection, two.last(), ['p']);
    expect(await Promise.all([first, second, third])).toEqual([['p'], ['p'], ['g']]);
  });

  test('is taken back when the call ends, and refused when the view goes', async () => {
    const prompts = new Prompts();
    const mine = view();
    prompts.attend(mine.connection);
    const ended = asked(prompts, mine).ask(request('alpha'), never);
    mine.call.abort();
    expect(await ended).toBeUndefined();
    expect(mine.sent.at(-1)).toEqual({ event: 'prompt.end', data: { id: mine.sent[0]?.data.id } });
    const other = view();
    prompts.attend(other.connection);
    const gone = asked(prompts, other).ask(request('alpha'), never);
    const queued = asked(prompts, other).ask(request('beta'), never);
    other.close();
    expect(await Promise.all([gone, queued])).toEqual([undefined, undefined]);
    expect(
      await asked(prompts, mine)
        .ask(request('alpha'), AbortSignal.abort())
        .catch(() => 'no'),
    ).toBeUndefined();
  });

  test('an answer that is of no use any more is an error, not a refusal', async () => {
    const prompts = new Prompts();
    const mine = view();
    prompts.attend(mine.connection);
    const line = new AbortController();
    const answer = asked(prompts, mine).ask(request('alpha'), line.signal);
    line.abort();
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
    expect(mine.sent.at(-1)?.event).toBe('prompt.end');
  });
});
