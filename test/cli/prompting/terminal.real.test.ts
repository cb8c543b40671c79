/** The program in a real pseudo-terminal (script(1)), asked by an agent that this test plays. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FakeAgent, type FakeRequest, fakeAgent } from '../../client/fake-agent.ts';
import { until as untilWithin } from '../../rigs/until.ts';
import { type OnDisk, programOnDisk } from '../program-on-disk.ts';
import { sample } from '../samples.ts';

/** Other tests may have the machine busy. */
const until = <T>(what: string, condition: () => T | undefined | false) =>
  untilWithin(what, condition, 45_000);

let disk: OnDisk;
let agent: FakeAgent;
let child: ChildProcess | undefined;
let screen = '';
let catalogue: ((result: unknown) => void) | undefined;

beforeAll(async () => {
  disk = await programOnDisk();
});
afterAll(() => disk.remove());

beforeEach(async () => {
  screen = '';
  catalogue = undefined;
  agent = await fakeAgent({
    answer: ({ method, id, socket }: FakeRequest) => {
      if (method !== 'catalogue') return {};
      catalogue = (result) => void socket.write(`${JSON.stringify({ id, result })}\n`);
      return undefined;
    },
  });
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await agent.close();
});

/** Looks at one host in a terminal, whose own state is told at the end. */
async function lookAt(host: string): Promise<ChildProcess> {
  const command = `${disk.program} list ${host} </dev/null; echo "code=$?"; stty -a </dev/tty`;
  const env = { PATH: process.env.PATH, TERM: 'xterm', HOME: disk.folder };
  const started = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...env, HOTDESK_RUNTIME_DIR: agent.paths.runtimeDir },
  });
  started.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
  });
  child = started;
  await until('the call', () => catalogue);
  expect(agent.received.map((m) => m.method).filter(Boolean)).toEqual(['prompts.attend', 'catalogue']);
  return started;
}

const prompt = (more: object) => ({
  event: 'prompt',
  data: {
    ...{ id: 'q', kind: 'keyboard-interactive', host: 'alpha', user: 'me', port: 22, title: '' },
    ...{ instruction: 'Two things', attempt: 1, attempts: 3 },
    prompts: [
      { prompt: 'Password:', echo: false },
      { prompt: 'Code:', echo: true },
    ],
    ...more,
  },
});
const answered = (method: string) => agent.received.find((m) => m.method === method)?.params;
const COOKED = /\sisig icanon .*\secho\s/su;

test('asks on the terminal, though stdin is none, and shows nothing of a password', async () => {
  const program = await lookAt('alpha');
  agent.broadcast(prompt({}));
  await until('the question', () => screen.includes('(me@alpha) Password: '));
  program.stdin?.write('hünter2 \r');
  await until('the next one', () => screen.includes('(me@alpha) Code: '));
  program.stdin?.write('124\u007f3\r');
  await until('the answer', () => answered('prompts.answer'));
  expect(answered('prompts.answer')).toEqual({ id: 'q', answers: ['hünter2 ', '123'] });
  catalogue?.(sample());
  await once(program, 'close');
  expect(screen).toContain('alpha says: Two things');
  expect(screen).toContain('Code: 124\b \b3');
  expect(screen).not.toContain('ünter');
  expect(screen).toContain('code=0');
  expect(screen).toMatch(COOKED);
});

test('Ctrl-C refuses, and stops the command', async () => {
  const program = await lookAt('alpha');
  agent.broadcast(prompt({}));
  await until('the question', () => screen.includes('Password: '));
  program.stdin?.write('half\u0003');
  await until('the refusal', () => answered('prompts.cancel'));
  expect(answered('prompts.cancel')).toEqual({ id: 'q' });
  await until('the cancel', () => agent.received.some((m) => 'cancel' in m) || undefined);
  // The command ends as stopped, and not for want of an answer.
  const order = agent.received.map((m) => ('cancel' in m ? 'cancel' : 'method' in m ? m.method : ''));
  expect(order.indexOf('cancel')).toBeLessThan(order.indexOf('prompts.cancel'));
  catalogue?.(sample());
  await once(program, 'close');
  expect(screen).toMatch(COOKED);
});

test('a question that is taken back gives the terminal back', async () => {
  const program = await lookAt('alpha');
  agent.broadcast(prompt({}));
  await until('the question', () => screen.includes('Password: '));
  agent.broadcast({ event: 'prompt.end', data: { id: 'q' } });
  agent.broadcast(prompt({ id: 'r', attempt: 2, serverMessage: 'No.' }));
  await until('the next question', () => screen.includes('try 2 of 3') || undefined);
  program.stdin?.write('a\rb\r');
  await until('the answer', () => answered('prompts.answer'));
  expect(answered('prompts.answer')).toEqual({ id: 'r', answers: ['a', 'b'] });
  expect(answered('prompts.cancel')).toBeUndefined();
  catalogue?.(sample());
  await once(program, 'close');
});

test('without anybody to ask, the agent is not told of any', async () => {
  const env = { PATH: process.env.PATH, HOME: disk.folder, HOTDESK_RUNTIME_DIR: agent.paths.runtimeDir };
  const program = spawn('setsid', ['-w', disk.program, 'list', 'alpha'], { env, stdio: 'ignore' });
  child = program;
  await until('the call', () => catalogue);
  catalogue?.(sample());
  await once(program, 'close');
  expect(agent.received.map((m) => m.method).filter(Boolean)).toEqual(['catalogue']);
});
