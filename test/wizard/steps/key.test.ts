/** What the step decides where no server answers; against real ones in ../key.real.test.ts. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import { makeKey } from '../../../src/ssh/new-key.ts';
import type { ConnectOptions, Pool, PromptRequest, SecretStore } from '../../../src/ssh/ssh.ts';
import { resolveTarget } from '../../../src/ssh/ssh.ts';
import type { Visit } from '../../../src/wizard/deps.ts';
import { filesHere } from '../../../src/wizard/files/here.ts';
import { keyStep } from '../../../src/wizard/steps/key.ts';
import { FACTS, signal, visitOf } from './visit.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const refused = new HotdeskError('auth-failed', 'alpha does not let me in.');

interface Around {
  /** What comes of the login by the key alone. */
  readonly proves?: (options: ConnectOptions) => Promise<void>;
  readonly secrets?: SecretStore;
  readonly prompter?: Visit['prompter'];
}

/** A host whose home is a folder here, and a user with one key or none. */
async function rig({ proves = async () => {}, secrets, prompter }: Around = {}, hasKey = true) {
  const { visit, remove } = visitOf({ facts: FACTS });
  ends.push(remove);
  const { home } = visit.here;
  const there = join(home, '..', 'there');
  mkdirSync(there);
  const key = await makeKey('mine', '');
  mkdirSync(join(home, '.ssh'));
  const file = join(home, '.ssh', 'id_ed25519');
  if (hasKey) {
    writeFileSync(file, key.privateText, { mode: 0o600 });
    writeFileSync(`${file}.pub`, `${key.publicLine}\n`);
  }
  const resolved = await resolveTarget({ name: 'alpha' }, { ssh: join(home, 'none'), home, env: {} });
  const pool = {
    connect: async (_target: unknown, options: ConnectOptions) => {
      await proves(options);
      return { close: () => {} };
    },
    close: async () => {},
  } as unknown as Pool;
  const { connection, far } = visit;
  if (!connection || !far) throw new Error('no host');
  const files = { ...filesHere(there), where: 'there' as const, name: 'alpha' };
  const whole: Visit = Object.assign(visit, {
    deps: { ...visit.deps, secrets },
    place: { target: { name: 'alpha' }, resolved, name: 'alpha', row: undefined, id: 'me@alpha' },
    far: { ...far, files },
    keyWorks: false,
    password: 'typed in',
    prompter,
    pool,
  });
  const step = keyStep(whole);
  const run = async (answers: Parameters<typeof step.do>[0]) => {
    await step.look(signal);
    const outcome = await step.do(answers, () => {}, signal);
    return outcome === 'declined' ? outcome : step.verify(() => {}, signal);
  };
  const authorized = () => {
    try {
      return readFileSync(join(there, '.ssh', 'authorized_keys'), 'utf8');
    } catch {
      return undefined;
    }
  };
  return { visit: whole, step, run, key, which: key.blob.toString('base64'), file, authorized };
}

function keyring(kept: string[]): SecretStore {
  return {
    get: async () => kept.at(-1),
    set: async (_account, secret) => kept.push(secret) > 0,
    delete: async () => kept.splice(0).length > 0,
  };
}

describe('the proof', () => {
  it('forgets the password, and is by the chosen key’s file and no other way', async () => {
    const tried: ConnectOptions[] = [];
    const { visit, run, which, file, authorized, key } = await rig({
      proves: async (options) => {
        tried.push(options);
      },
    });
    await run({ 'key.which': which });
    expect(visit).toMatchObject({ keyWorks: true, password: undefined });
    expect(tried.map(({ fresh }) => fresh)).toEqual([{ methods: ['publickey'], identities: [file] }]);
    expect(authorized()).toContain(key.publicLine.split(' ')[1]);
  });

  it('asks for the key’s passphrase and for nothing else', async () => {
    const asked: string[] = [];
    const answers: unknown[] = [];
    const { run, which } = await rig({
      prompter: {
        ask: async ({ kind }) => {
          asked.push(kind);
          return ['secret'];
        },
      },
      proves: async ({ prompter }) => {
        for (const kind of ['password', 'keyboard-interactive', 'new-password', 'passphrase'] as const) {
          answers.push(await prompter?.ask({ kind } as PromptRequest, signal));
        }
      },
    });
    await run({ 'key.which': which });
    expect(asked).toEqual(['passphrase']);
    expect(answers).toEqual([undefined, undefined, undefined, ['secret']]);
  });

  it('that fails leaves no key there, whatever else cannot be found out', async () => {
    const { visit, run, which, authorized } = await rig({ proves: () => Promise.reject(refused) });
    const exec = () => Promise.reject(new HotdeskError('timeout', 'It took too long.'));
    Object.assign(visit.connection ?? {}, { exec });
    await expect(run({ 'key.which': which })).rejects.toBe(refused);
    expect(authorized()).toBeUndefined();
    expect(await visit.journal.entries()).toEqual([]);
    expect(visit).toMatchObject({ keyWorks: false, password: 'typed in' });
  });

  it('that fails says why, also where the key cannot be taken out now', async () => {
    const { visit, run, which } = await rig({
      proves: () => {
        const far = visit.far;
        if (far) {
          const read = () => Promise.reject(new HotdeskError('connection-lost', 'It broke.'));
          visit.far = { ...far, files: { ...far.files, read } };
        }
        return Promise.reject(refused);
      },
    });
    await expect(run({ 'key.which': which })).rejects.toBe(refused);
    expect(await visit.journal.entries()).not.toEqual([]);
  });

  it('is not that of a key which was tried before, where the password is kept instead', async () => {
    const kept: string[] = [];
    const { run, which } = await rig({ secrets: keyring(kept), proves: () => Promise.reject(refused) });
    await expect(run({ 'key.which': which })).rejects.toBe(refused);
    const lines = await run({ 'key.which': 'none', 'key.keyring': true });
    expect(lines).toMatchObject([{ text: 'The password is in your keyring.' }]);
    expect(kept).toEqual(['typed in']);
  });
});

describe('the choice', () => {
  it('changes nothing for a key that was not offered, or none', async () => {
    const { visit, run, authorized } = await rig();
    await expect(run({ 'key.which': 'AAAA' })).rejects.toMatchObject({ code: 'bad-argument' });
    expect(await run({ 'key.which': 'none' })).toBe('declined');
    expect(authorized()).toBeUndefined();
    expect(await visit.journal.entries()).toEqual([]);
  });

  it('agrees by --yes to a key, and to none never', async () => {
    const { step, which, file } = await rig();
    const chosen = async () => {
      await step.look(signal);
      const { questions } = await step.explain(signal);
      return questions.find(({ id }) => id === 'key.which');
    };
    expect(await chosen()).toMatchObject({ default: which, byYes: which });
    // A public key alone opens nothing, and its name is taken.
    rmSync(file);
    for (const type of ['rsa', 'ecdsa']) writeFileSync(file.replace('ed25519', type), 'no key');
    expect(await chosen()).toMatchObject({ default: 'none', byYes: undefined });
  });

  it('makes a key only where no other is in its way by then', async () => {
    const { run, file, authorized } = await rig({}, false);
    await run({ 'key.which': 'new', 'key.passphrase': '' });
    expect(readFileSync(file, 'utf8')).toContain('OPENSSH PRIVATE KEY');
    expect(authorized()).toContain(readFileSync(`${file}.pub`, 'utf8').split(' ')[1]);
    await expect(run({ 'key.which': 'new' })).rejects.toMatchObject({
      code: 'bad-argument',
      message: 'There is no place for a new key.',
    });
  });

  it('keeps no password without a yes', async () => {
    const kept: string[] = [];
    const { visit, step } = await rig({ secrets: keyring(kept) });
    visit.takes = ['password'];
    expect(await step.look(signal)).toMatchObject({ state: 'todo' });
    const { questions } = await step.explain(signal);
    expect(questions).toMatchObject([{ id: 'key.keyring', default: false, byYes: false }]);
    expect(await step.do({ 'key.keyring': false }, () => {}, signal)).toBe('declined');
    expect(kept).toEqual([]);
  });
});
