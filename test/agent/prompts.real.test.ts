/** A whole agent, a server that takes passwords alone, and views that are asked or are not. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Client, connect } from '../../src/client/client.ts';
import type { PromptData } from '../../src/protocol/api.ts';
import { type Paths, pathsOf } from '../../src/protocol/paths.ts';
import { PASSWORD } from '../rigs/servers/account.ts';
import { clientOf, NAME } from '../rigs/servers/client.ts';
import { type Reach, reachServer } from '../rigs/servers/reach.ts';
import { descendants } from '../rigs/sshd/sshd.ts';
import { until as untilWithin } from '../rigs/until.ts';

const HOTDESK = fileURLToPath(new URL('../../bin/hotdesk.js', import.meta.url));
const uid = process.getuid?.() ?? 0;
/** Other tests may have the machine busy, in ms. */
const PATIENCE_MS = 45_000;

const until = (what: string, condition: Parameters<typeof untilWithin>[1]) =>
  untilWithin(what, condition, PATIENCE_MS);

let folder: string;
let paths: Paths;
let reach: Reach;
let agent: ChildProcess;
const views: Client[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hd-prompts-'));
  reach = await reachServer({ config: ['PasswordAuthentication yes', 'PubkeyAuthentication no'] });
  // Another machine than this one.
  writeFileSync(join(reach.server?.dir ?? '', 'etc', 'machine-id'), `${'a1'.repeat(16)}\n`);
  const { configFile = '' } = clientOf(reach, { methods: 'password' });
  const [bin, config] = [join(folder, 'bin'), join(folder, 'config', 'hotdesk')];
  for (const each of [bin, config, join(folder, 'run')]) mkdirSync(each, { recursive: true, mode: 0o700 });
  // ssh looks for its configuration in the home of /etc/passwd, which is not the test's.
  const ssh = join(bin, 'ssh');
  writeFileSync(ssh, `#!/bin/sh\nexec /usr/bin/ssh -F ${configFile} "$@"\n`);
  chmodSync(ssh, 0o755);
  writeFileSync(
    join(config, 'config.json'),
    JSON.stringify({ advertise: 'off', hosts: [{ name: NAME, target: NAME }] }),
  );
  const env = {
    HOME: folder,
    PATH: `${bin}:${process.env.PATH}`,
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_STATE_HOME: join(folder, 'state'),
    HOTDESK_RUNTIME_DIR: join(folder, 'run'),
  };
  paths = pathsOf(env, uid);
  agent = spawn(process.execPath, [HOTDESK, 'agent', 'run'], { env, stdio: 'ignore' });
  await until('the agent', () => existsSync(paths.socket));
});

afterEach(async () => {
  for (const view of views.splice(0)) view.close();
  const ended = new Promise((resolve) => agent.once('exit', resolve));
  agent.kill();
  await ended;
  await reach.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface View {
  readonly client: Client;
  /** What is on its screen, the oldest first. */
  readonly asked: PromptData[];
  /** Questions that were taken back. */
  readonly ended: string[];
}

async function open(attends = true): Promise<View> {
  // On demand, for it may not be ready yet; there is no program to start another with.
  const client = await connect({ paths, uid, start: 'on-demand' });
  views.push(client);
  const view: View = { client, asked: [], ended: [] };
  client.on('prompt', (prompt) => void view.asked.push(prompt));
  client.on('prompt.end', ({ id }) => void view.ended.push(id));
  if (attends) await client.call('prompts.attend', {});
  return view;
}

const look = (view: View, signal?: AbortSignal) =>
  view.client.call('catalogue', { look: 'none', host: NAME, waitMs: 0 }, { signal });

async function state(view: View) {
  const { hosts } = await view.client.call('catalogue', { look: 'none', waitMs: 0 });
  return hosts.find((host) => host.state !== 'local')?.state;
}

const tries = () =>
  (reach.server?.log() ?? '').split('\n').filter((line) => /password for/u.test(line)).length;

test('who attends is asked for what he does, and nobody for what the agent does by itself', async () => {
  const [mute, mine, other] = [await open(false), await open(), await open()];
  await expect(look(mute)).rejects.toMatchObject({
    code: 'auth-failed',
    message: expect.stringContaining('Nobody could be asked for a password.'),
  });
  expect(tries()).toBe(0);

  const first = look(mine);
  await until('the question', () => mine.asked.length > 0);
  expect(mine.asked).toMatchObject([{ kind: 'password', host: NAME, attempt: 1, attempts: 3 }]);
  await mine.client.call('prompts.answer', { id: mine.asked[0]?.id ?? '', answers: [PASSWORD] });
  await first;
  expect(await state(mine)).toBe('agentless');
  // It stands for everybody now.
  await look(mute);

  // The line breaks, somebody is still interested, and nobody is at the keyboard.
  await other.client.call('subscribe', {});
  for (const pid of descendants(reach.server?.pid ?? 0).slice(1)) process.kill(pid, 'SIGKILL');
  await until('the loss to show', async () => (await state(mine)) !== 'agentless');
  await until('the tries after it', async () => (await state(mine)) === 'untrusted');
  expect(tries()).toBe(1);
  for (const view of [mute, other]) expect(view.asked).toEqual([]);
  expect(mine.asked).toHaveLength(1);
}, 120_000);

test('a call that is cancelled, and a view that goes, take their question along', async () => {
  const [mine, other] = [await open(), await open()];
  const stop = new AbortController();
  const cancelled = look(mine, stop.signal);
  await until('the question', () => mine.asked.length > 0);
  const gone = look(other).catch((error: { code: string }) => error.code);
  stop.abort();
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  await until('its end', () => mine.ended.length > 0);
  expect(mine.ended).toEqual([mine.asked[0]?.id]);

  await until('the question at the other view', () => other.asked.length > 0);
  other.client.close();
  expect(await gone).toBe('connection-lost');
  const again = look(mine);
  await until('the question once more', () => mine.asked.length > 1);
  await mine.client.call('prompts.cancel', { id: mine.asked[1]?.id ?? '' });
  await expect(again).rejects.toMatchObject({
    code: 'auth-failed',
    message: expect.stringContaining('Nobody answered.'),
  });
  expect(tries()).toBe(0);
  for (const file of [paths.log])
    if (existsSync(file)) expect(readFileSync(file, 'utf8')).not.toContain(PASSWORD);
}, 120_000);
