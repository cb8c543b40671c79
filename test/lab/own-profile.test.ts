/** A newcomer's own profile, from `profiles new` on, here and on a host that has an agent and not the profile. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';
import { until } from '../rigs/until.ts';

describe('a profile of the user’s own', () => {
  let lab: Lab;
  let h1: Desk;
  let file: string;

  beforeAll(async () => {
    lab = await Lab.up({ hosts: 2, avahi: [], seats: true });
    h1 = new Desk(lab.host(1));
    file = join(h1.host.home, '.config/hotdesk/profiles/mine.yaml');
    for (const host of lab.hosts) await new Desk(host).ok(['agent', 'start']);
    await until('h1 has h2', async () =>
      (await h1.hosts()).some(({ name, state }) => name === 'h2' && state === 'agent'),
    );
  });
  afterAll(async () => {
    await lab?.down();
  });

  const names = async () => (await h1.sessions()).map(({ name, host }) => `${name}@${host}`);

  it('is there at once, and so is what is changed in it', async () => {
    await h1.ok(['profiles', 'new', 'mine']);
    expect((await h1.ok(['profiles', 'show', 'mine'])).stdout).toContain('name: mine\n');
    await h1.ok(['start', 'h1', '--backend', 'mine', '--name', 'job', '--no-attach', '--', 'sleep', '600']);
    expect(await names()).toEqual(['job@h1']);
    const text = readFileSync(file, 'utf8');
    const other = text.replace(`"$(cat "$job/name")"`, `"my $(cat "$job/name")"`);
    expect(other).not.toBe(text);
    writeFileSync(file, other);
    expect(await names()).toEqual(['my job@h1']);
    writeFileSync(file, text);
    await h1.ok(['stop', 'job', '--yes']);
    expect(await names()).toEqual([]);
  });

  it('that is gone lists nothing any more, and keeps the others', async () => {
    await h1.ok(['profiles', 'new', 'other']);
    await h1.ok(['start', 'h1', '--backend', 'other', '--name', 'job', '--no-attach', '--', 'sleep', '600']);
    await h1.ok(['start', 'h1', '--backend', 'tmux', '--name', 'kept', '--no-attach', '--', 'sleep', '600']);
    expect((await names()).sort()).toEqual(['job@h1', 'kept@h1']);
    const path = file.replace('mine', 'other');
    const text = readFileSync(path, 'utf8');
    rmSync(path);
    expect(await names()).toEqual(['kept@h1']);
    writeFileSync(path, text, { mode: 0o644 });
    await h1.ok(['stop', 'job', '--yes']);
    await h1.ok(['stop', 'kept', '--yes']);
  });

  it('starts a session where an agent knows nothing of it, which is listed, shown and stopped all the same', async () => {
    const h2 = new Desk(lab.host(2));
    await h1.ok(['start', 'h2', '--backend', 'mine', '--name', 'far', '--no-attach', '--', 'sleep', '600']);
    expect(await names()).toEqual(['far@h2']);
    // Its agent says again what it has, whenever something changes there.
    await h2.ok(['start', 'h2', '--backend', 'tmux', '--name', 'else', '--no-attach', '--', 'sleep', '600']);
    await until('h1 lists that', async () => (await names()).includes('else@h2'));
    expect((await names()).sort()).toEqual(['else@h2', 'far@h2']);
    await h1.ok(['attach', 'far']);
    await until('it is shown', async () => (await h1.host.windows()).some(({ name }) => name === 'far'));
    // An agent that is met anew is asked at once.
    await h1.ok(['agent', 'stop']);
    await until('it is listed again', async () => (await names()).includes('far@h2'));
    await h1.ok(['stop', 'far', '--yes']);
    expect(await names()).toEqual(['else@h2']);
    await h1.ok(['stop', 'else', '--yes']);
  });
});
