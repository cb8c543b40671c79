import { expect, it } from 'vitest';
import { promptHandlers } from '../../../src/agent/api/prompts.ts';
import { Prompts } from '../../../src/agent/prompts.ts';
import type { Hello } from '../../../src/protocol/api.ts';
import { fakeCall } from './call.ts';

const request = {
  ...({ kind: 'password', host: 'alpha', user: 'me', port: 22, title: 'alpha', instruction: '' } as const),
  ...{ prompts: [{ prompt: 'Password:', echo: false }], attempt: 1, attempts: 3 },
};

function rig(role: Hello['role'] = 'client') {
  const prompts = new Prompts();
  const { call, sent } = fakeCall();
  const from = { ...call, connection: { ...call.connection, hello: { ...call.connection.hello, role } } };
  const idOf = () => (sent.at(-1)?.[1] as { id: string } | undefined)?.id ?? '';
  const ask = () => prompts.of(from)?.ask(request, new AbortController().signal);
  return { prompts, from, sent, idOf, ask, handlers: promptHandlers(prompts) };
}

it('lets a view of this machine be asked, and takes its answer', async () => {
  const { from, handlers, idOf, ask } = rig();
  handlers['prompts.attend']({}, from);
  const answer = ask();
  handlers['prompts.answer']({ id: idOf(), answers: ['secret'] }, from);
  expect(await answer).toEqual(['secret']);
});

it('takes that its person does not want to answer', async () => {
  const { from, handlers, idOf, ask } = rig();
  handlers['prompts.attend']({}, from);
  const answer = ask();
  handlers['prompts.cancel']({ id: idOf() }, from);
  expect(await answer).toBeUndefined();
});

it.each(['peer', 'agent'] as const)('asks no %s: another machine has no person of ours', (role) => {
  const { from, handlers, prompts } = rig(role);
  expect(() => handlers['prompts.attend']({}, from)).toThrow('Only a view of this machine');
  expect(prompts.of(from)).toBeUndefined();
});

it('takes no answer to the question of another view', () => {
  const { from, handlers, idOf, ask } = rig();
  handlers['prompts.attend']({}, from);
  void ask();
  const other = fakeCall().call;
  for (const name of ['prompts.answer', 'prompts.cancel'] as const) {
    expect(() => handlers[name]({ id: idOf(), answers: ['x'] }, other)).toThrow('not asked');
  }
});
