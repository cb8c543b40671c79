/** A session gets another name, from another machine: with an agent where it runs and without one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';
import { until } from '../rigs/until.ts';

const PATIENCE = 60_000;

describe('a session of another host is renamed', () => {
  let lab: Lab;
  let desks: readonly [Desk, Desk, Desk];

  beforeAll(async () => {
    lab = await Lab.up({ hosts: 3, seats: true });
    const [h1, h2, h3] = lab.hosts.map((host) => new Desk(host));
    if (!h1 || !h2 || !h3) throw new Error('the lab has three hosts');
    desks = [h1, h2, h3];
    for (const desk of [h1, h2]) await desk.ok(['agent', 'start']);
    await until('h1 and h2 know each other', async () => {
      const seen = await Promise.all([h1.hosts(), h2.hosts()]);
      return seen.every((hosts) => hosts.filter(({ state }) => state === 'agent').length === 1);
    });
  });
  afterAll(async () => {
    await lab?.down();
  });

  const named = async (desk: Desk, name: string) =>
    (await desk.sessions()).find((session) => session.name === name);

  it('every machine lists its new name, its viewer stays, and it can be moved by that name', async () => {
    const [h1, h2, h3] = desks;
    await h3.ok(['agent', 'start']);
    await h1.ok(['start', 'h2', '--name', 'before', '--', 'xterm']);
    const viewers = () =>
      h1.host
        .processes()
        .filter(({ argv }) => argv.some((word) => word === 'attach'))
        .map(({ pid }) => pid);
    const before = viewers();
    expect(before).toHaveLength(1);
    await until('h3 has it', () => named(h3, 'before'), PATIENCE);
    const text = 'the "report"; $(touch ~/pwned) ü 🎉';
    const renamed = await h3.json<{ session: { name: string; ref: string } }>(['rename', 'before', text]);
    expect(renamed.session.name).toBe(text);
    // At once where it was asked for and where it runs; the third is told.
    expect((await named(h3, text))?.ref).toBe(renamed.session.ref);
    expect((await named(h2, text))?.id).toBe(renamed.session.ref.replace(/^xpra:(\d+)@.*$/u, '$1'));
    await until('h1 has its name', async () => (await named(h1, text))?.shownAt.includes('h1'), PATIENCE);
    expect(viewers()).toEqual(before);
    await h3.ok(['move', text]);
    await until('h3 shows it', async () => (await named(h2, text))?.shownAt.join() === 'h3', PATIENCE);
    await h1.ok(['stop', text, '--yes']);
    expect(h2.host.processes().filter(({ argv }) => argv.includes('pwned'))).toEqual([]);
    await h3.ok(['agent', 'stop']);
  });

  it('on a host without an agent too, and two of one name where there can be only one are an error', async () => {
    const [h1, , h3] = desks;
    // Nothing says of it what it runs: it is typed in.
    await h1.ok(['hosts', 'add', 'h3', '--ssh', h3.host.ip]);
    for (const name of ['one', 'two']) {
      await h1.ok(['start', 'h3', '--backend', 'tmux', '--name', name, '--no-attach', '--', 'sleep', '1000']);
    }
    await h1.ok(['attach', 'one@h3']);
    await until('h1 shows it', async () => (await named(h1, 'one'))?.shownAt.join() === 'h1', PATIENCE);
    await h1.ok(['rename', 'one@h3', 'three']);
    expect((await named(h1, 'three'))?.shownAt).toEqual(['h1']);
    const taken = await h1.run(['rename', 'two@h3', 'three', '--json']);
    expect(taken.code).toBe(7);
    expect(JSON.parse(taken.stdout)).toMatchObject({ error: { code: 'name-taken' } });
    expect(await named(h1, 'two')).toBeDefined();
    const gone = await h1.run(['rename', 'nobody@h3', 'x', '--json']);
    expect(JSON.parse(gone.stdout)).toMatchObject({ error: { code: 'unknown-session' } });
    for (const name of ['three', 'two']) await h1.ok(['stop', `${name}@h3`, '--yes']);
    expect(h3.host.processes().filter(({ argv }) => argv.includes('1000'))).toEqual([]);
  });
});
