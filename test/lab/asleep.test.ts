/** A host says that it goes to sleep, is silent, and comes back. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';
import type { Running } from '../rigs/lab/run.ts';
import { until } from '../rigs/until.ts';

const PATIENCE = 90_000;
const LOGIND_PY = fileURLToPath(new URL('../rigs/logind.py', import.meta.url));
const MANAGER = 'org.freedesktop.login1.Manager';

let lab: Lab;
let h1: Desk;
let h2: Desk;
let h3: Desk;
let watching: Running;

const gdbus = async (method: string, ...args: string[]) => {
  const at = ['-d', 'org.freedesktop.login1', '-o', '/org/freedesktop/login1'];
  return h2.host.root(['gdbus', 'call', '--system', ...at, '-m', method, ...args]);
};
const announce = (begins: boolean) => gdbus('hotdesk.Test.Announce', `${begins}`);
const isHeld = async () => (await gdbus(`${MANAGER}.ListInhibitors`)).stdout.includes("'hotdesk'");
const stateAt = async (desk: Desk) => (await desk.hosts()).find(({ name }) => name === 'h2')?.state;

beforeAll(async () => {
  lab = await Lab.up({ hosts: 3, avahi: [2], seats: true });
  const [one, two, three] = lab.hosts.map((host) => new Desk(host));
  if (!one || !two || !three) throw new Error('the lab has three hosts');
  [h1, h2, h3] = [one, two, three];
  // A host has a /tmp of its own.
  await copyFile(LOGIND_PY, join(h2.host.home, 'logind.py'));
  const logind = '/usr/bin/python3 /home/user/logind.py </dev/null >/dev/null 2>&1';
  await h2.host.root(['sh', '-c', `setsid ${logind} &`]);
  await until('logind answers', async () => (await gdbus(`${MANAGER}.ListInhibitors`)).code === 0, PATIENCE);
  for (const desk of [h1, h2, h3]) await desk.ok(['agent', 'start']);
  await until('logind is asked to wait', isHeld, PATIENCE);
  for (const desk of [h1, h3])
    await until('h2 is known', async () => (await stateAt(desk)) === 'agent', PATIENCE);
  await h2.ok(['start', 'h2', '--backend', 'tmux', '--name', 'build', '--no-attach', '--', 'sleep', '1000']);
  // Somebody looks all the time: then an agent keeps its connections.
  watching = h1.host.spawn(['hotdesk', 'list', '--watch', '--json']);
  await until('h1 has its session', async () => (await h1.sessions()).length === 1, PATIENCE);
});
afterAll(async () => {
  watching?.kill();
  await lab?.down();
});

it('is asleep for the others, with what runs there, and then back', async () => {
  await announce(true);
  await until('logind waits no more', async () => !(await isHeld()), PATIENCE);
  // Before its cable is out.
  for (const desk of [h1, h3])
    await until('it is asleep', async () => (await stateAt(desk)) === 'asleep', PATIENCE);
  await h2.host.link('down');
  // The connection may still be thought to stand at first.
  await until(
    'that is why it is not shown',
    async () => {
      const { code, stdout } = await h1.run(['attach', 'build', '--json']);
      expect(code).toBe(4);
      return stdout.includes('"h2 is asleep."');
    },
    PATIENCE,
  );
  for (const desk of [h1, h3]) {
    expect(await stateAt(desk)).toBe('asleep');
    const listed = await desk.run(['list']);
    expect(`${listed.stdout}${listed.stderr}`).toContain('h2 is asleep');
  }
  expect((await h1.sessions()).map(({ name }) => name)).toEqual(['build']);
  await h2.host.link('up');
  await announce(false);
  for (const desk of [h1, h3])
    await until('it is back', async () => (await stateAt(desk)) === 'agent', PATIENCE);
  await until('logind is asked to wait for the next time', isHeld, PATIENCE);
  await h1.ok(['stop', 'build', '--yes']);
});
