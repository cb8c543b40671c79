import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadProfiles } from '../../src/profiles/load.ts';
import { SMALL } from './small-profile.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hotdesk-load-'));
  for (const folder of ['packaged', 'user']) mkdirSync(join(root, folder));
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (file: string, text: string) => writeFileSync(join(root, file), text);
const load = () => loadProfiles({ packaged: join(root, 'packaged'), user: join(root, 'user') });

test('the user’s file takes the place of the packaged profile of that name', async () => {
  put('packaged/small.yaml', SMALL);
  put('packaged/notes.txt', 'no profile');
  put('packaged/.hidden.yaml', 'no profile');
  put('user/mine.yaml', SMALL.replace('A small one', 'Mine'));
  const found = await load();
  expect(found.map((each) => [each.name, each.origin, each.profile?.title])).toEqual([
    ['small', 'user', 'Mine'],
  ]);
});

test('a broken file of the user disables itself alone', async () => {
  put('packaged/small.yaml', SMALL);
  put('user/small.yaml', SMALL.replace('steals: shares', 'steals: eats'));
  put('user/other.yml', SMALL.replace('name: small', 'name: other'));
  const found = await load();
  expect(found.map((each) => [each.name, each.origin, each.problem?.code])).toEqual([
    ['other', 'user', undefined],
    ['small', 'packaged', undefined],
    ['small', 'user', 'bad-profile'],
  ]);
});

test('a profile may extend one that comes later or is the user’s; a broken one of that name leaves the packaged', async () => {
  const child = 'schema: 1\nname: child\ntitle: A child\nextends: small\nkinds: [terminal]\n';
  put('packaged/child.yaml', child);
  put('packaged/small.yaml', SMALL);
  const stealsOf = async () => (await load()).find(({ name }) => name === 'child')?.profile?.steals;
  expect(await stealsOf()).toBe('shares');
  put('user/small.yaml', SMALL.replace('steals: shares', 'steals: refused'));
  expect(await stealsOf()).toBe('refused');
  put('user/small.yaml', SMALL.replace('steals: shares', 'steals: eats'));
  expect(await stealsOf()).toBe('shares');
  rmSync(join(root, 'packaged', 'small.yaml'));
  expect((await load()).map((each) => [each.name, each.problem?.code])).toEqual([
    ['child', 'bad-profile'],
    ['small', 'bad-profile'],
  ]);
});

test('a folder named like a profile, a pipe, a device and a huge file are problems; nothing waits for them', async () => {
  mkdirSync(join(root, 'user', 'folder.yaml'));
  execFileSync('mkfifo', [join(root, 'user', 'pipe.yaml')]);
  symlinkSync('/dev/zero', join(root, 'user', 'zero.yaml'));
  put('user/huge.yaml', 'x'.repeat(2_000_000));
  const found = await load();
  expect(found.map((each) => [each.name, each.problem?.code])).toEqual([
    ['folder', 'bad-profile'],
    ['huge', 'bad-profile'],
    ['pipe', 'bad-profile'],
    ['zero', 'bad-profile'],
  ]);
});

test('no folder of the user is no fault; no packaged one is', async () => {
  await expect(loadProfiles({ packaged: join(root, 'packaged'), user: join(root, 'none') })).resolves.toEqual(
    [],
  );
  await expect(loadProfiles({ packaged: join(root, 'none') })).rejects.toMatchObject({ code: 'internal' });
});
