/** The main job between three machines, as a user does it: start, look, carry, bring back, stop. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';
import { until } from '../rigs/until.ts';

describe.each([
  { how: 'with Avahi on every host', avahi: [1, 2, 3] },
  { how: 'without Avahi', avahi: [] },
])('a session carried between three hosts, $how', ({ avahi }) => {
  let lab: Lab;
  let desks: readonly [Desk, Desk, Desk];

  beforeAll(async () => {
    lab = await Lab.up({ hosts: 3, avahi, seats: true });
    const [h1, h2, h3] = lab.hosts.map((host) => new Desk(host));
    if (!h1 || !h2 || !h3) throw new Error('the lab has three hosts');
    desks = [h1, h2, h3];
    for (const desk of desks) await desk.ok(['agent', 'start']);
    for (const desk of desks) {
      await until(`${desk.host.name} has all`, async () => {
        const hosts = await desk.hosts();
        return hosts.filter((h) => ['local', 'agent'].includes(h.state)).length === 3;
      });
    }
  });
  afterAll(async () => {
    await lab?.down();
  });

  const windowsOf = async (desk: Desk) => (await desk.host.windows()).map((w) => w.name);
  const showsXterm = async (desk: Desk) =>
    (await windowsOf(desk)).some((name) => /xterm|user@h2/u.test(name));
  const xterm = async () =>
    desks[1].host.processes().filter((p) => p.argv[0] === 'xterm' || p.argv[0]?.endsWith('/xterm'))[0]?.pid;

  it('starts on h2 and shows on h1', async () => {
    const [h1, , h3] = desks;
    await h1.ok(['start', 'h2', '--', 'xterm']);
    await until('h1 shows it', () => showsXterm(h1));
    // Not by what the command line does without: see bin/hotdesk.js.
    expect(await h1.log()).toMatch(/"method":"start","msg":"a head start"/u);
    const process = await xterm();
    expect(process).toBeGreaterThan(0);

    const row = await until('h3 lists it as shown at h1', async () => {
      const found = (await h3.sessions()).find((s) => s.name === 'xterm');
      return found?.shownAt.includes('h1') && found;
    });
    expect(row).toMatchObject({ backend: 'xpra', host: 'h2' });

    await h3.ok(['move', 'xterm']);
    await until('h3 shows it', () => showsXterm(h3));
    await until('h1 does not any more', async () => !(await showsXterm(h1)));
    expect(await xterm()).toBe(process);

    await h3.ok(['move', 'xterm', '--to', 'h1']);
    await until('h1 shows it again', () => showsXterm(h1));
    await until('h3 does not any more', async () => !(await showsXterm(h3)));
    expect(await xterm()).toBe(process);

    await h3.ok(['detach', 'xterm']);
    await until('nobody shows it', async () => !(await showsXterm(h1)));
    expect(await xterm()).toBe(process);

    await h1.ok(['attach', 'xterm@h2']);
    await until('h1 shows it once more', () => showsXterm(h1));

    await h1.ok(['stop', 'xterm', '--yes']);
    await until('the list is empty', async () => (await h3.sessions()).length === 0);
    expect(await xterm()).toBeUndefined();
    await until('nothing of it is left', async () => {
      const left = await Promise.all(desks.map((d) => d.host.leftovers()));
      const processes = left.flatMap((l) => l.processes).filter((p) => /xpra|for-Xpra|xterm/u.test(p));
      return processes.length === 0;
    });
  });

  it('does the same with a terminal', async () => {
    const [h1, h2, h3] = desks;
    await h1.ok([
      'start',
      'h2',
      '--backend',
      'tmux',
      '--name',
      'build',
      '--no-attach',
      '--',
      'sleep',
      '1000',
    ]);
    await until('h3 lists it', async () => (await h3.sessions()).some((s) => s.name === 'build'));
    const sleep = () => h2.host.processes().find((p) => p.argv[0] === 'sleep' && p.argv[1] === '1000')?.pid;
    const process = sleep();
    expect(process).toBeGreaterThan(0);
    const shownAt = async () => (await h2.sessions()).find((s) => s.name === 'build')?.shownAt ?? [];

    await h1.ok(['attach', 'build']);
    await until('shown at h1', async () => (await shownAt()).join() === 'h1');
    await h3.ok(['move', 'build']);
    await until('shown at h3', async () => (await shownAt()).join() === 'h3');
    await h3.ok(['move', 'build', '--to', 'h1']);
    await until('back at h1', async () => (await shownAt()).join() === 'h1');
    expect(sleep()).toBe(process);
    const text = (await h1.ok(['thumbnail', 'build'])).stdout;
    expect(text).toBeTypeOf('string');
    await h1.ok(['stop', 'build', '--yes']);
    await until('gone', async () => (await h3.sessions()).length === 0 && sleep() === undefined);
  });
});
