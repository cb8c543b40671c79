import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Asker } from '../../../src/ssh/auth/asker.ts';
import type { Prompter } from '../../../src/ssh/auth/auth.ts';
import { AuthChain, KEYS_PER_CONNECTION } from '../../../src/ssh/auth/chain.ts';
import { keyboardProvider } from '../../../src/ssh/auth/keyboard.ts';
import { passwordProvider } from '../../../src/ssh/auth/password.ts';
import type { Attempt, AuthProvider, Credential } from '../../../src/ssh/auth/provider.ts';
import { resolvedFrom } from '../../../src/ssh/ssh-config.ts';
import type { ResolvedTarget } from '../../../src/ssh/target.ts';

const target = resolvedFrom({ name: 'alpha', user: 'me' }, new Map(), { home: '/nonexistent', env: {} });
const key = (label: string, usable = true): Credential => ({
  kind: 'publickey',
  label,
  identity: async () =>
    usable
      ? { algorithm: 'ssh-ed25519', blob: Buffer.alloc(0), sign: async () => Buffer.alloc(0) }
      : undefined,
});
const keys = (...credentials: Credential[]): AuthProvider => ({
  method: 'publickey',
  offers: async () => ({ credentials, notes: [] }),
});
const kept = (password: string): AuthProvider => ({
  method: 'password',
  offers: async () => ({
    credentials: [{ kind: 'password', label: 'kept', repeats: false, ask: async () => password }],
    notes: [],
  }),
});
const answering = (...answers: (string | undefined)[]): Prompter & { asked: number } => {
  const prompter = {
    asked: 0,
    ask: async () => {
      prompter.asked += 1;
      const answer = answers.shift();
      return answer === undefined ? undefined : [answer];
    },
  };
  return prompter;
};
const chainOf = (providers: readonly AuthProvider[], prompter?: Prompter, at: ResolvedTarget = target) =>
  new AuthChain(at, providers, new Asker(at, { prompter }));

/** The answers to one question of the server. */
async function questioned(attempt: Awaited<ReturnType<AuthChain['next']>>): Promise<readonly string[]> {
  if (typeof attempt === 'string' || attempt.method !== 'keyboard-interactive')
    throw new Error('no question');
  return attempt.answer({ name: '', instruction: '', prompts: [{ prompt: 'Password:', echo: false }] });
}

describe('AuthChain', () => {
  test('asks what the server takes first, on each connection', async () => {
    const chain = chainOf([kept('p')]);
    expect(await chain.next(null)).toEqual({ method: 'none' });
    expect(await chain.next(['password'])).toMatchObject({ method: 'password', password: 'p' });
    chain.restart();
    expect(await chain.next(null)).toEqual({ method: 'none' });
    expect(await chain.next(['password'])).toBe('exhausted');
  });

  test('offers no more keys on one connection than sshd takes, and the rest on the next', async () => {
    const many = Array.from({ length: KEYS_PER_CONNECTION + 1 }, (_, i) => key(`k${i}`));
    const chain = chainOf([keys(...many)]);
    await chain.next(null);
    for (let i = 0; i < KEYS_PER_CONNECTION; i += 1)
      expect(await chain.next(['publickey'])).toMatchObject({ method: 'publickey' });
    expect(await chain.next(['publickey'])).toBe('again');
    expect(await chain.more()).toBe(true);
    await chain.next(null);
    expect(await chain.next(['publickey'])).toMatchObject({ method: 'publickey' });
    expect(await chain.next(['publickey'])).toBe('exhausted');
    expect(await chain.more()).toBe(false);
    expect(chain.tried).toHaveLength(KEYS_PER_CONNECTION + 1);
  });

  test('keeps a key that is wanted only after a password', async () => {
    const chain = chainOf([keys(key('k')), kept('p')]);
    await chain.next(null);
    expect(await chain.next(['password'])).toMatchObject({ method: 'password' });
    expect(await chain.next(['publickey'], true)).toMatchObject({ method: 'publickey' });
  });

  test('offers what was taken in part again, when the server closes before the rest', async () => {
    const chain = chainOf([keys(key('wrong'), key('right')), passwordProvider()], answering('bad', 'good'));
    await chain.next(null);
    await chain.next(['publickey']);
    await chain.next(['publickey']);
    expect(await chain.next(['password'], true)).toMatchObject({ password: 'bad' });
    expect(await chain.more()).toBe(true);
    await chain.next(null);
    expect(await chain.next(['publickey'])).toMatchObject({ method: 'publickey' });
    expect(await chain.next(['password'], true)).toMatchObject({ password: 'good' });
  });

  test('asks a provider only when its turn comes, and passes over what cannot be used', async () => {
    const asked: string[] = [];
    const watched = (name: string, inner: AuthProvider): AuthProvider => ({
      method: inner.method,
      offers: async (...given) => {
        asked.push(name);
        return inner.offers(...given);
      },
    });
    const chain = chainOf([
      watched('keys', keys(key('useless', false), key('k'))),
      watched('kept', kept('p')),
    ]);
    await chain.next(null);
    expect(asked).toEqual([]);
    await chain.next(['publickey', 'password']);
    expect(asked).toEqual(['keys']);
    await chain.next(['publickey', 'password']);
    expect(asked).toEqual(['keys', 'kept']);
    expect(chain.tried).toEqual(['k', 'kept']);
  });

  test('asks for a password as often as NumberOfPasswordPrompts says', async () => {
    const prompter = answering('a', 'b', 'c', 'd');
    const chain = chainOf([passwordProvider()], prompter);
    await chain.next(null);
    for (const password of ['a', 'b', 'c'])
      expect(await chain.next(['password'])).toMatchObject({ password });
    expect(await chain.next(['password'])).toBe('exhausted');
    expect(prompter.asked).toBe(3);
    expect(chain.tried).toEqual(['a password (3 times)']);
  });

  test('turns to the questions of the server after one wrong password, where it has any', async () => {
    const chain = chainOf([passwordProvider(), keyboardProvider()], answering('a', 'b', 'c'));
    const both = ['password', 'keyboard-interactive'];
    await chain.next(null);
    expect(await chain.next(both)).toMatchObject({ method: 'password' });
    expect(await questioned(await chain.next(both))).toEqual(['b']);
    expect(await questioned(await chain.next(both))).toEqual(['c']);
    expect(await chain.next(both)).toBe('exhausted');
  });

  test('does not turn again to a server that refuses without a question, and the passwords are left', async () => {
    const chain = chainOf([keyboardProvider(), passwordProvider()], answering('a', 'b', 'c'));
    const both = ['password', 'keyboard-interactive'];
    await chain.next(null);
    expect(await chain.next(both)).toMatchObject({ method: 'keyboard-interactive' });
    for (const password of ['a', 'b', 'c']) expect(await chain.next(both)).toMatchObject({ password });
    expect(await chain.next(both)).toBe('exhausted');
  });

  test('who refuses once is not asked again', async () => {
    const prompter = answering(undefined, 'late');
    const chain = chainOf([passwordProvider(), keyboardProvider()], prompter);
    await chain.next(null);
    expect(await chain.next(['password', 'keyboard-interactive'])).toBe('exhausted');
    expect(prompter.asked).toBe(1);
    expect(chain.failure().message).toContain('Nobody answered.');
  });

  test('without anybody to ask, or with BatchMode, neither password nor questions are touched', async () => {
    const batch = { ...target, batchMode: true };
    const prompter = answering('a');
    for (const chain of [
      chainOf([passwordProvider(), keyboardProvider()]),
      chainOf([passwordProvider(), keyboardProvider()], prompter, batch),
    ]) {
      await chain.next(null);
      expect(await chain.next(['password', 'keyboard-interactive'])).toBe('exhausted');
      expect(chain.failure()).toMatchObject({
        message: expect.stringContaining('Nobody could be asked for a password.'),
        hint: expect.stringContaining('hotdesk setup alpha'),
      });
    }
    expect(prompter.asked).toBe(0);
  });

  test('of a login by key alone nobody says that a password could have been asked for', async () => {
    const chain = chainOf([keys(key('k'))]);
    await chain.next(null);
    await chain.next(['publickey', 'password']);
    await chain.next(['publickey', 'password']);
    expect(chain.failure().message).not.toContain('Nobody could be asked');
    expect(chain.failure().message).toContain('It takes publickey, password.');
  });

  test('PreferredAuthentications orders the methods and leaves the others out', async () => {
    const at = { ...target, preferred: ['password', 'publickey'] };
    const chain = chainOf([keys(key('k')), passwordProvider(), keyboardProvider()], answering('a', 'b'), at);
    const all = ['publickey', 'password', 'keyboard-interactive'];
    await chain.next(null);
    expect(await chain.next(all)).toMatchObject({ method: 'password' });
    expect(await chain.next(all)).toMatchObject({ method: 'publickey' });
    expect(await chain.next(all)).toMatchObject({ method: 'password', password: 'b' });
  });

  test('says that PreferredAuthentications left nothing that the server takes', async () => {
    const at = { ...target, preferred: ['password'] };
    const chain = chainOf([keys(key('k')), passwordProvider()], answering('a'), at);
    await chain.next(null);
    expect(await chain.next(['publickey'])).toBe('exhausted');
    expect(chain.failure()).toMatchObject({
      message: expect.stringContaining('by password alone (PreferredAuthentications)'),
      hint: expect.stringContaining('ssh -G alpha'),
    });
  });

  test('names what the server took at first, and has a cure for a key that it ignores', async () => {
    const chain = chainOf([keys(key('k'))]);
    await chain.next(null);
    await chain.next(['publickey', 'gssapi']);
    expect(await chain.next(['publickey'])).toBe('exhausted');
    expect(chain.failure()).toMatchObject({
      message: expect.stringContaining('publickey, gssapi'),
      hint: expect.stringContaining('StrictModes'),
    });
  });

  test('what is switched off is not tried, and said', async () => {
    const at = { ...target, passwords: false, keyboardInteractive: false };
    const chain = chainOf([passwordProvider(), keyboardProvider()], answering('a'), at);
    await chain.next(null);
    expect(await chain.next(['password', 'keyboard-interactive'])).toBe('exhausted');
    expect(chain.failure().message).toContain('PasswordAuthentication is off.');
  });

  test('its error lists what was tried and never a password', async () => {
    const chain = chainOf([keys(key('/home/me/.ssh/id')), kept('hunter2')]);
    await chain.next(null);
    await chain.next(['publickey', 'password']);
    await chain.next(['publickey', 'password']);
    const error = chain.failure();
    expect(error.code).toBe('auth-failed');
    expect(error.message).toContain('Tried /home/me/.ssh/id, kept.');
    expect(JSON.stringify(error.toData())).not.toContain('hunter2');
  });
});

/** A server that takes nothing and closes after so many refusals, as sshd does. Answers what it saw. */
async function refuse(chain: AuthChain, maxTries: number): Promise<{ connections: Attempt[][] }> {
  const connections: Attempt[][] = [];
  const takes = ['publickey', 'password', 'keyboard-interactive'];
  do {
    const tries: Attempt[] = [];
    connections.push(tries);
    let attempt = await chain.next(null);
    while (typeof attempt !== 'string') {
      if (attempt.method !== 'none') tries.push(attempt);
      if (tries.length >= maxTries) break;
      attempt = await chain.next(takes);
    }
    if (attempt === 'exhausted') break;
  } while (await chain.more());
  return { connections };
}

test('however few tries a server allows, the password gets its turn, and nothing goes on for ever', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 0, max: 5 }),
      fc.boolean(),
      async (maxTries, keyCount, prompts, somebody) => {
        const at = { ...target, passwordPrompts: prompts };
        const prompter = answering(...Array.from({ length: 50 }, (_, i) => `password ${i}`));
        const all = Array.from({ length: keyCount }, (_, i) => key(`k${i}`));
        const loads = new Map<AuthProvider, number>();
        const counted = (inner: AuthProvider): AuthProvider => ({
          method: inner.method,
          offers: async (...given) => {
            loads.set(inner, (loads.get(inner) ?? 0) + 1);
            return inner.offers(...given);
          },
        });
        const providers = [keys(...all), passwordProvider()].map(counted);
        const chain = chainOf(providers, somebody ? prompter : undefined, at);
        const { connections } = await refuse(chain, maxTries);
        expect(prompter.asked).toBe(somebody ? prompts : 0);
        const withKeys = connections.filter((tries) => tries.some((t) => t.method === 'publickey'));
        expect(withKeys.length).toBeLessThanOrEqual(somebody && prompts > 0 ? 2 : 3);
        for (const tries of connections) {
          expect(tries.filter((t) => t.method === 'publickey').length).toBeLessThanOrEqual(
            KEYS_PER_CONNECTION,
          );
        }
        expect(connections.length).toBeLessThanOrEqual(4 + prompts);
        expect(Math.max(...loads.values())).toBe(1);
        const sent = connections.flat().length;
        expect(new Set(chain.tried).size).toBe(chain.tried.length);
        expect(sent).toBeLessThanOrEqual(keyCount + prompts);
      },
    ),
  );
});
