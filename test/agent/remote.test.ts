import { expect, test } from 'vitest';
import type { Backends } from '../../src/agent/backends.ts';
import { mayForward, Remote } from '../../src/agent/remote.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Profile } from '../../src/model/profile.ts';
import { fakeMachine } from '../profiles/fake-machine.ts';
import { smallProfile } from '../profiles/small-profile.ts';

const hosts = [{ name: 'office', target: 'me@10.0.0.7:2222' }];
const settings = (...forwardAgent: string[]) => ({ forwardAgent, hosts });

test.each([
  ['nowhere unless somebody says so', 'alpha', undefined, [], false],
  ['by the name that is connected to', 'alpha', undefined, ['beta', 'Alpha.local'], true],
  ['to no other', 'alpha', undefined, ['beta'], false],
  ['by the user’s own name for it', '10.0.0.7', 'me@10.0.0.7:2222', ['office'], true],
  ['not by that of another', '10.0.0.8', 'me@10.0.0.8', ['office'], false],
])('%s', (_title, name, sshName, listed, expected) => {
  expect(mayForward(name, sshName, settings(...listed))).toBe(expected);
});

test('a session is listed once, though profiles that extend another list it too', async () => {
  const small = smallProfile();
  const shadow = { ...small, name: 'shadow', extends: 'small' };
  const profiles: Profile[] = [shadow, small];
  const { machine } = fakeMachine(() => ({
    stdout: 'hotdesk-has:small\t\tsmall 1.2.3\nhotdesk-has:shadow\t\tsmall 1.2.3\n',
  }));
  const backends = {
    usable: () => profiles,
    bind: (name: string) => ({ list: async () => [{ localId: '1', backend: 'small', name }] }),
  } as unknown as Backends;
  const deps = { backends, log: silentLogger } as unknown as ConstructorParameters<typeof Remote>[0];
  const survey = await new Remote(deps).survey(machine, new AbortController().signal);
  expect(survey.sessions).toEqual([{ localId: '1', backend: 'small', name: 'small' }]);
  expect(survey.backends).toEqual({ small: '1.2.3', shadow: '1.2.3' });
});

test('beside an agent, only what the user wrote and it does not know is looked for', async () => {
  const small = smallProfile();
  const of = (name: string, origin: 'packaged' | 'user') => ({ origin, profile: { ...small, name } });
  const { machine, ran } = fakeMachine(() => ({ stdout: 'hotdesk-has:mine\t\tsmall 1.2.3\n' }));
  const all = [of('packaged', 'packaged'), of('known', 'user'), of('mine', 'user')];
  const backends = {
    all: () => all,
    bind: (name: string) => ({ list: async () => [{ localId: '1', backend: name, name }] }),
  } as unknown as Backends;
  const deps = { backends, log: silentLogger } as unknown as ConstructorParameters<typeof Remote>[0];
  const remote = new Remote(deps);
  const { signal } = new AbortController();
  expect(await remote.surveyOwn(machine, { packaged: '1', known: '1' }, signal)).toEqual({
    sessions: [{ localId: '1', backend: 'mine', name: 'mine' }],
    backends: { mine: '1.2.3' },
  });
  const before = ran.length;
  expect(await remote.surveyOwn(machine, { known: '1', mine: '1' }, signal)).toEqual({
    sessions: [],
    backends: {},
  });
  expect(ran.length).toBe(before);
});
