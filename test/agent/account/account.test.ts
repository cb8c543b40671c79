import { beforeEach, expect, test } from 'vitest';
import { type Wanted, withAccount } from '../../../src/agent/account/account.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import type { Machine } from '../../../src/model/machine.ts';
import type { Prompter } from '../../../src/ssh/ssh.ts';
import { HOST } from '../../actions/fake-context.ts';
import { fakeMachine } from '../../profiles/fake-machine.ts';
import { fakeKeyring } from './fake-keyring.ts';

const KEY = 'SHA256:one';
const name = (fingerprint: string, host = 'alpha') =>
  JSON.stringify({ user: 'me', host, port: 0, rdp: fingerprint });

let keyring: ReturnType<typeof fakeKeyring>;
let asked: string[];
let told: string[];
let listed: string[];
/** What the host takes. */
const RIGHT = 'sesame';

beforeEach(() => {
  keyring = fakeKeyring();
  asked = [];
  told = [];
  listed = ['alpha.local'];
});

const answering = (answer: string | undefined): Prompter => ({
  ask: async ({ prompts }) => {
    asked.push(prompts[0]?.prompt ?? '');
    return answer === undefined ? undefined : [answer];
  },
});

async function login(
  prompter: Prompter | undefined,
  part: Partial<Machine> = {},
  isElsewhere = false,
): Promise<string[]> {
  const { machine } = fakeMachine(() => ({ stdout: 'me\n' }));
  const wanted: Wanted = {
    profile: { name: 'rdp', asks: { password: 'xrdp' } },
    machine: { ...machine, isLocal: false, fingerprint: KEY, ...part },
    host: HOST,
    keeping: {
      secrets: keyring.secrets,
      settings: () => ({ keepPasswords: listed, hosts: [{ name: 'mine', target: 'me@10.0.0.7' }] }),
    },
    prompter,
    isElsewhere,
    signal: new AbortController().signal,
    report: (text) => void told.push(text),
  };
  const tried: string[] = [];
  await withAccount(wanted, async (password) => {
    tried.push(password);
    if (password !== RIGHT) throw new HotdeskError('auth-failed', 'xrdp did not take that password.');
  });
  return tried;
}

test('keeps what was taken, where the setting names the host, and asks no more', async () => {
  expect(await login(answering(RIGHT))).toEqual([RIGHT]);
  expect([...keyring.kept]).toEqual([[name(KEY), RIGHT]]);
  expect(await login(undefined)).toEqual([RIGHT]);
  expect(asked).toHaveLength(1);
  // Only where somebody is there may the desktop ask for the keyring's own password.
  expect(keyring.asked).toEqual([true, false]);
});

test('keeps nothing that was not taken, and nothing of a host that the setting does not name', async () => {
  await expect(login(answering('wrong'))).rejects.toMatchObject({ code: 'auth-failed' });
  listed = ['beta', 'me'];
  await login(answering(RIGHT));
  expect([...keyring.kept]).toEqual([]);
  expect(keyring.asked).toEqual([true]);
});

test('is for the host with that very key, and for nobody who proved nothing', async () => {
  await login(answering(RIGHT));
  const stranger = { fingerprint: 'SHA256:other' };
  await expect(login(undefined, stranger)).rejects.toMatchObject({ code: 'auth-failed' });
  await expect(login(undefined, { fingerprint: undefined })).rejects.toMatchObject({ code: 'auth-failed' });
  await expect(login(undefined, { isLocal: true })).rejects.toMatchObject({ code: 'auth-failed' });
});

test('this machine is its own', async () => {
  await login(answering(RIGHT), { isLocal: true, fingerprint: undefined });
  expect([...keyring.kept.keys()]).toEqual([name('here')]);
});

test('a wrong one is forgotten, and asked for once more', async () => {
  keyring.kept.set(name(KEY), 'old');
  expect(await login(answering(RIGHT))).toEqual(['old', RIGHT]);
  expect(asked).toEqual([
    'The password in the keyring was not taken, and is forgotten. Password of me@alpha for xrdp:',
  ]);
  expect(told).toEqual(['The password in the keyring was not taken, and is forgotten.']);
  expect(keyring.kept.get(name(KEY))).toBe(RIGHT);
});

test('a wrong one is forgotten, and said to be, where nobody can be asked', async () => {
  keyring.kept.set(name(KEY), 'old');
  await expect(login(undefined)).rejects.toMatchObject({
    code: 'auth-failed',
    message: 'The password of me@alpha in the keyring was not taken, and is forgotten.',
    hint: expect.stringContaining('terminal'),
  });
  expect([...keyring.kept]).toEqual([]);
});

test('what somebody at another machine says is not kept, and opens no keyring', async () => {
  await login(answering(RIGHT), {}, true);
  expect(keyring.asked).toEqual([false]);
  expect([...keyring.kept]).toEqual([]);
});

test('it stays where something else went wrong', async () => {
  keyring.kept.set(name(KEY), RIGHT);
  const { machine } = fakeMachine(() => ({ stdout: 'me\n' }));
  const wanted: Wanted = {
    profile: { name: 'rdp', asks: { password: 'xrdp' } },
    machine: { ...machine, isLocal: false, fingerprint: KEY },
    host: HOST,
    keeping: { secrets: keyring.secrets, settings: () => ({ keepPasswords: ['alpha'], hosts: [] }) },
    prompter: answering('never'),
    isElsewhere: false,
    signal: new AbortController().signal,
    report: () => {},
  };
  const work = withAccount(wanted, () => Promise.reject(new HotdeskError('viewer-failed', 'no display')));
  await expect(work).rejects.toMatchObject({ code: 'viewer-failed' });
  expect(keyring.kept.size).toBe(1);
  expect(asked).toEqual([]);
});
