import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PromptData } from '../../src/protocol/api.ts';
import { AskingClient } from '../../src/tray/asking.ts';
import { type FakeAgent, fakeAgent } from '../client/fake-agent.ts';
import { until } from '../rigs/until.ts';

let folder: string;
let agent: FakeAgent;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-asking-'));
  agent = await fakeAgent({ answer: () => ({}) });
});
afterEach(async () => {
  await agent.close();
  rmSync(folder, { recursive: true, force: true });
});

const prompt: PromptData = {
  ...{ id: 'q1', kind: 'password', host: 'alpha', user: 'me', port: 22, title: '', instruction: '' },
  ...{ prompts: [{ prompt: 'Password for me@alpha:', echo: false }], attempt: 1, attempts: 3 },
};
const asked = (method: string) => agent.received.filter((m) => m.method === method).map((m) => m.params);

function asking(askpass: string | undefined) {
  const failures: string[] = [];
  const client = new AskingClient({
    connect: { paths: agent.paths, uid: process.getuid?.() ?? 0 },
    env: () => ({ PATH: process.env.PATH, SSH_ASKPASS: askpass }),
    has: (program) => program === askpass,
    onFailure: (why) => void failures.push(why),
  });
  return { client, failures };
}

function program(body: string): string {
  const file = join(folder, 'ask');
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

it('answers what the agent asks with what the person gave to the dialog', async () => {
  const { client } = asking(program(`printf %s "$1" > ${folder}/question; echo secret`));
  await client.open();
  await until('it attends', () => asked('prompts.attend').length === 1);
  agent.broadcast({ event: 'prompt', data: prompt });
  await until('it answers', () => asked('prompts.answer').length === 1);
  expect(asked('prompts.answer')).toEqual([{ id: 'q1', answers: ['secret'] }]);
  expect(readFileSync(join(folder, 'question'), 'utf8')).toBe('Password for me@alpha:');
  client.end();
  expect(client.client).toBeUndefined();
});

it('says that nobody answered when the dialog was closed', async () => {
  const { client, failures } = asking(program('exit 1'));
  await client.open();
  await until('it attends', () => asked('prompts.attend').length === 1);
  agent.broadcast({ event: 'prompt', data: prompt });
  await until('it is refused', () => asked('prompts.cancel').length === 1);
  expect(asked('prompts.answer')).toEqual([]);
  expect(failures).toEqual([]);
  client.end();
});

it('is not asked at all where nothing could show the question', async () => {
  const { client } = asking(undefined);
  await client.open();
  await client.client?.call('status', {});
  expect(asked('status')).toHaveLength(1);
  expect(asked('prompts.attend')).toEqual([]);
  client.end();
});

it('is not there without an agent, and no fault', async () => {
  const { client, failures } = asking(undefined);
  await agent.close();
  await client.open();
  expect([client.client, failures]).toEqual([undefined, []]);
});
