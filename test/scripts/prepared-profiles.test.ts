import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { preparedProfiles } from '../../scripts/lib/prepared-profiles.mjs';
import { parseProfile, readYaml } from '../../src/profiles/check.ts';
import { loadProfiles } from '../../src/profiles/load.ts';

const files = readdirSync('profiles').filter((name) => name.endsWith('.yaml'));
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

it.each(files)('%s is prepared as its YAML reads', (name) => {
  const text = readFileSync(path.join('profiles', name), 'utf8');
  const prepared: unknown = JSON.parse(JSON.stringify(preparedProfiles('.')))[hashOf(text)];
  expect(prepared).toEqual(readYaml(text, name));
});

it('takes what is prepared for that very text only, and checks it too', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'hotdesk-prepared-'));
  try {
    const text = readFileSync('profiles/tmux.yaml', 'utf8');
    const prepared = path.join(folder, 'prepared.json');
    const load = async (table: unknown) => {
      await writeFile(prepared, JSON.stringify(table));
      return (await loadProfiles({ packaged: 'profiles', prepared })).find(({ name }) => name === 'tmux');
    };
    const { [hashOf(text)]: tmux } = preparedProfiles('.');
    const renamed = { ...(tmux as object), title: 'From the table' };
    expect((await load({ [hashOf(text)]: renamed }))?.profile?.title).toBe('From the table');
    expect((await load({ [hashOf(`${text} `)]: renamed }))?.profile).toEqual(parseProfile(text, 'tmux.yaml'));
    expect((await load({ [hashOf(text)]: { ...renamed, can: 'all' } }))?.problem?.code).toBe('bad-profile');
  } finally {
    await rm(folder, { recursive: true });
  }
});
