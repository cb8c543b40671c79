import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { profileHandlers } from '../../../src/agent/api/profiles.ts';
import type { Backends } from '../../../src/agent/backends.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import type { LoadedProfile } from '../../../src/profiles/load.ts';
import { fakeMachine } from '../../profiles/fake-machine.ts';
import { smallProfile } from '../../profiles/small-profile.ts';
import { fakeCall } from './call.ts';

const folder = mkdtempSync(join(tmpdir(), 'hotdesk-profiles-'));
afterAll(() => rmSync(folder, { recursive: true }));
const good = { name: 'small', file: join(folder, 'small.yaml'), profile: smallProfile() };
writeFileSync(good.file, 'name: small');
const broken = {
  name: 'mine',
  file: '/u/mine.yaml',
  problem: new HotdeskError('bad-profile', 'No.', { hint: 'Mend it.' }),
};

function rig(answer = 'hotdesk-os:debian\t0\nhotdesk-has:small\t\tsmall 1.2.3\n') {
  let loads = 0;
  const backends = {
    all: () => [good, broken] as unknown as LoadedProfile[],
    load: async () => {
      loads += 1;
    },
  } as unknown as Backends;
  const { machine } = fakeMachine(() => ({ stdout: answer }));
  return { handlers: profileHandlers(backends, machine), loads: () => loads };
}

describe('profiles.list', () => {
  it('reads the files again, and shows a broken one with its problem', async () => {
    const { handlers, loads } = rig();
    const { profiles } = await handlers['profiles.list']({}, fakeCall().call);
    expect(loads()).toBe(1);
    expect(profiles).toMatchObject([
      { name: 'small', host: '1.2.3' },
      { name: 'mine', can: [], problem: { code: 'bad-profile', message: 'No.', hint: 'Mend it.' } },
    ]);
  });

  it('says what is missing where a program is not there', async () => {
    const { handlers } = rig('hotdesk-has:small\tsmallctl\t\n');
    const { profiles } = await handlers['profiles.list']({}, fakeCall().call);
    expect(profiles[0]?.host).toContain('has no smallctl');
  });
});

describe('profiles.show', () => {
  it('has the text and the options, also of none where the file is broken', async () => {
    const { handlers } = rig();
    const shown = await handlers['profiles.show']({ name: 'small' }, fakeCall().call);
    expect(shown.text).toBe('name: small');
    expect(shown.options.map((option) => option.name)).toEqual(Object.keys(good.profile.options));
    expect((await handlers['profiles.show']({ name: 'mine' }, fakeCall().call)).options).toEqual([]);
  });

  it('names those that there are', async () => {
    const { handlers } = rig();
    await expect(async () =>
      handlers['profiles.show']({ name: 'no' }, fakeCall().call),
    ).rejects.toMatchObject({
      code: 'unknown-profile',
      candidates: ['small', 'mine'],
    });
  });
});
