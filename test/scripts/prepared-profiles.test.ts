import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { preparedProfiles } from '../../scripts/lib/prepared-profiles.mjs';
import { parseProfile } from '../../src/profiles/check.ts';
import { loadProfiles } from '../../src/profiles/load.ts';

const files = readdirSync('profiles').filter((name) => name.endsWith('.yaml'));
const textOf = (name: string) => readFileSync(path.join('profiles', `${name}.yaml`), 'utf8');
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const table = () => preparedProfiles('.', parseProfile);

let folder: string;
let prepared: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hotdesk-prepared-'));
  prepared = path.join(folder, 'prepared.json');
  await mkdir(path.join(folder, 'user'));
});
afterEach(() => rm(folder, { recursive: true }));

const load = async (what: unknown) => {
  await writeFile(prepared, JSON.stringify(what));
  return loadProfiles({ packaged: 'profiles', user: path.join(folder, 'user'), prepared });
};
const found = async (what: unknown, wanted: string) =>
  (await load(what)).find(({ name }) => name === wanted)?.profile;

it('is every packaged profile, and what reading each of them gives', async () => {
  const ready = await load(table());
  expect(ready).toHaveLength(files.length);
  expect(ready).toEqual(await loadProfiles({ packaged: 'profiles' }));
  for (const { problem } of ready) expect(problem).toBeUndefined();
});

it('is taken for that very text only', async () => {
  const hash = hashOf(textOf('tmux'));
  const renamed = { profile: { ...table()[hash]?.profile, title: 'From the table' } };
  expect((await found({ [hash]: renamed }, 'tmux'))?.title).toBe('From the table');
  const other = hashOf(`${textOf('tmux')} `);
  expect(await found({ [other]: renamed }, 'tmux')).toEqual(parseProfile(textOf('tmux'), 'tmux.yaml'));
});

it('is not taken where what it extends is the user’s own', async () => {
  const { steals } = parseProfile(textOf('xpra'), 'xpra.yaml');
  expect(steals).toBe('displaces');
  expect((await found(table(), 'xpra-desktop'))?.steals).toBe('displaces');
  await writeFile(
    path.join(folder, 'user', 'xpra.yaml'),
    textOf('xpra').replace('steals: displaces', 'steals: refused'),
  );
  expect((await found(table(), 'xpra-desktop'))?.steals).toBe('refused');
});
