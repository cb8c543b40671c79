import { expect, test } from 'vitest';
import { listing } from '../../src/profiles/listing.ts';
import { type Answer, fakeMachine } from './fake-machine.ts';
import { smallProfile } from './small-profile.ts';

const profile = smallProfile();

/** A machine with sessions `rows`, that counts how often each was asked for details. */
function host(rows: () => string, info: (id: string) => Answer) {
  const asked: string[] = [];
  const { machine } = fakeMachine(([, verb, id = '']) => {
    if (verb === 'list') return { stdout: rows() };
    asked.push(id);
    return info(id);
  });
  return { machine, asked };
}

const details = (clients: number) => ({
  stdout: `clients=${clients}\nnow=${clients}\ntitle=T\ntype=term\nclient0.tag=hotdesk:v:ab:beta\nclient0.host=x\n`,
});

test('details are asked for once, and again only when the key changes', async () => {
  let clients = 1;
  const { machine, asked } = host(
    () => `@7|live|${clients}|seven\n`,
    () => details(clients),
  );
  const sessions = listing(profile, machine);
  const first = await sessions.list();
  expect(first).toEqual([
    {
      backend: 'small',
      localId: '7',
      name: 'seven',
      title: 'T',
      kind: 'terminal',
      state: 'live',
      watchers: [{ viewerId: 'v', hostId: 'ab', host: 'beta' }],
    },
  ]);
  await sessions.list();
  await sessions.list();
  expect(asked).toEqual(['7']);
  clients = 2;
  await sessions.list();
  expect(asked).toEqual(['7', '7']);
});

test('a change that is under way is asked about again until it has settled', async () => {
  let answers = 0;
  const { machine, asked } = host(
    () => '@7|live|1|seven\n',
    () => {
      answers += 1;
      return { stdout: `clients=1\nnow=${answers < 3 ? 0 : 1}\n` };
    },
  );
  const sessions = listing(profile, machine);
  await sessions.list();
  expect(asked).toHaveLength(3);
  await sessions.list();
  expect(asked).toHaveLength(3);
});

test('one that never settles is taken as it is, and not asked for ever', async () => {
  const { machine, asked } = host(
    () => '@7|live|1|seven\n',
    () => ({ stdout: 'clients=1\nnow=0\n' }),
  );
  const sessions = listing(profile, machine);
  await sessions.list();
  const count = asked.length;
  expect(count).toBeLessThan(8);
  await sessions.list();
  expect(asked).toHaveLength(count);
});

test('a session that does not answer is listed by what is known, and left alone for a while', async () => {
  let now = 0;
  const { machine, asked } = host(
    () => '@7|live|1|seven\n@8|dead|0|eight\n',
    () => ({ code: 1, stderr: 'hung' }),
  );
  const sessions = listing(profile, machine, () => now);
  expect((await sessions.list()).map((each) => [each.name, each.state])).toEqual([
    ['seven', 'live'],
    ['eight', 'dead'],
  ]);
  await sessions.list();
  expect(asked).toEqual(['7']);
  now = 60_000;
  await sessions.list();
  expect(asked).toEqual(['7', '7']);
});

test('a session that ends between the listing and its details is left out, the others are not', async () => {
  let rows = '@7|live|1|seven\n@8|live|1|eight\n';
  const { machine, asked } = host(
    () => rows,
    (id) => {
      if (id !== '7') return details(1);
      rows = '@8|live|1|eight\n';
      return { code: 1, stderr: 'no such socket' };
    },
  );
  const sessions = listing(profile, machine);
  expect((await sessions.list()).map(({ name }) => name)).toEqual(['eight']);
  // Another one in its place is asked at once.
  rows = '@7|live|1|new\n';
  await sessions.list();
  expect(asked.filter((id) => id === '7')).toHaveLength(2);
});

test('one that was killed meanwhile is listed as what it is now', async () => {
  let state = 'live';
  const { machine } = host(
    () => `@7|${state}|1|seven\n`,
    () => {
      state = 'dead';
      return { code: 1, stderr: 'no answer' };
    },
  );
  expect((await listing(profile, machine).list()).map((each) => each.state)).toEqual(['dead']);
});

test('a second look that fails takes nothing from the first', async () => {
  let lists = 0;
  const { machine } = fakeMachine(([, verb]) => {
    if (verb !== 'list') return { code: 1, stderr: 'hung' };
    lists += 1;
    return lists === 1 ? { stdout: '@7|live|1|seven\n' } : { code: 2, stderr: 'disk on fire' };
  });
  expect((await listing(profile, machine).list()).map(({ name }) => name)).toEqual(['seven']);
});

test('info of a session that ends meanwhile says that it is gone, of one that hangs what is wrong', async () => {
  let rows = '@7|live|1|seven\n';
  const { machine } = host(
    () => rows,
    () => {
      rows = '';
      return { code: 1, stderr: 'no such socket' };
    },
  );
  await expect(listing(profile, machine).info('7')).rejects.toMatchObject({ code: 'session-gone' });
  const hung = host(
    () => '@7|live|1|seven\n',
    () => ({ code: 1, stderr: 'hung' }),
  );
  await expect(listing(profile, hung.machine).info('7')).rejects.toMatchObject({ code: 'command-failed' });
});

test('info is always fresh, and says when the session is gone', async () => {
  const { machine, asked } = host(
    () => '@7|live|1|seven\n',
    () => details(1),
  );
  const sessions = listing(profile, machine);
  expect((await sessions.info('7')).facts).toEqual({ type: 'term' });
  await sessions.info('7');
  expect(asked).toEqual(['7', '7']);
  await expect(sessions.info('9')).rejects.toMatchObject({ code: 'session-gone' });
});

test('a listing that fails is an error, not an empty list', async () => {
  const { machine } = fakeMachine(() => ({ code: 2, stderr: 'disk on fire' }));
  await expect(listing(profile, machine).list()).rejects.toMatchObject({
    code: 'command-failed',
    message: expect.stringContaining('disk on fire'),
  });
});
