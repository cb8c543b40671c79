import { describe, expect, test } from 'vitest';
import { AuthChain, type Credential, KEYS_PER_CONNECTION } from '../../src/ssh/auth.ts';
import { resolvedFrom } from '../../src/ssh/ssh-config.ts';

const target = resolvedFrom({ name: 'alpha', user: 'me' }, new Map(), { home: '/nonexistent', env: {} });
const password = (label: string, value: string | undefined = label): Credential => ({
  kind: 'password',
  label,
  ask: async () => value,
});
/** Stands for a key without being one: the chain never looks inside. */
const key = (label: string): Credential => ({ kind: 'key', label, key: {} as never });
const chainOf = (...offers: Credential[][]) =>
  new AuthChain(
    target,
    offers.map((credentials) => ({ offers: async () => ({ credentials, notes: [] }) })),
  );

describe('AuthChain', () => {
  test('asks what the server takes first, on each connection', async () => {
    const chain = chainOf([password('p')]);
    expect(await chain.next(null)).toMatchObject({ type: 'none' });
    expect(await chain.next(['password'])).toMatchObject({ type: 'password', username: 'me' });
    chain.restart();
    expect(await chain.next(null)).toMatchObject({ type: 'none' });
    expect(await chain.next(['password'])).toBe('exhausted');
  });

  test('offers no more keys on one connection than sshd takes, and the rest on the next', async () => {
    const chain = chainOf(Array.from({ length: KEYS_PER_CONNECTION + 1 }, (_, i) => key(`k${i}`)));
    await chain.next(null);
    for (let i = 0; i < KEYS_PER_CONNECTION; i += 1)
      expect(await chain.next(['publickey'])).toMatchObject({ type: 'publickey' });
    expect(await chain.next(['publickey'])).toBe('again');
    expect(await chain.more()).toBe(true);
    chain.restart();
    await chain.next(null);
    expect(await chain.next(['publickey'])).toMatchObject({ type: 'publickey' });
    expect(await chain.next(['publickey'])).toBe('exhausted');
    expect(await chain.more()).toBe(false);
    expect(chain.tried).toHaveLength(KEYS_PER_CONNECTION + 1);
  });

  test('keeps a key that is wanted only after a password', async () => {
    const chain = chainOf([key('k')], [password('p')]);
    await chain.next(null);
    expect(await chain.next(['password'])).toMatchObject({ type: 'password' });
    expect(await chain.next(['publickey'])).toMatchObject({ type: 'publickey' });
  });

  test('asks a provider only when its turn comes, and passes over what has no answer', async () => {
    const chain = chainOf(
      [{ kind: 'password', label: 'unknown', ask: async () => undefined }],
      [password('known')],
    );
    await chain.next(null);
    expect(await chain.next(['password'])).toMatchObject({ password: 'known' });
    expect(chain.tried).toEqual(['known']);
  });

  test('its error lists what was tried and never a password', async () => {
    const chain = chainOf([key('/home/me/.ssh/id'), password('a password', 'hunter2')]);
    await chain.next(null);
    await chain.next(['publickey', 'password']);
    await chain.next(['publickey', 'password']);
    const error = chain.failure(['publickey', 'password']);
    expect(error).toMatchObject({
      code: 'auth-failed',
      hint: expect.stringContaining('ssh-copy-id me@alpha'),
    });
    expect(error.message).toContain('Tried /home/me/.ssh/id, a password.');
    expect(JSON.stringify(error.toData())).not.toContain('hunter2');
  });
});
