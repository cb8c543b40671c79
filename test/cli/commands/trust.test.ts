import { describe, expect, it } from 'vitest';
import { agentWith } from './agent-with.ts';

describe('trust', () => {
  const key = { host: 'alpha', type: 'ssh-ed25519', fingerprint: 'SHA256:abc', state: 'unknown' };
  const record = { ...key, state: 'known' };

  it('records nothing that nobody has confirmed', async () => {
    const { run, asked } = await agentWith({
      'trust.scan': { ...key, advertAgrees: true },
      'trust.record': record,
    });
    expect(await run('trust alpha')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('SHA256:abc'),
    });
    expect(await run('trust alpha --fingerprint SHA256:other')).toMatchObject({ code: 5 });
    const no = await run('trust alpha', { columns: 80, input: 'n\n' });
    expect(no.stdout).toContain('a claim, no proof');
    expect(asked('trust.record')).toEqual([]);
    expect(await run('trust alpha --fingerprint SHA256:abc')).toMatchObject({ code: 0 });
    expect(await run('trust alpha', { columns: 80, input: 'yes\n' })).toMatchObject({ code: 0 });
    expect(asked('trust.record')).toEqual(Array(2).fill({ host: 'alpha', fingerprint: 'SHA256:abc' }));
  });

  it.each(['changed', 'revoked'])('refuses a %s key even with its fingerprint', async (state) => {
    const { run, asked } = await agentWith({ 'trust.scan': { ...key, state } });
    expect(await run('trust alpha --fingerprint SHA256:abc')).toMatchObject({ code: 5 });
    expect(asked('trust.record')).toEqual([]);
  });

  it('says what an authority in known_hosts does for the key', async () => {
    const certificate = 'vouched for by certificate authority SHA256:ca from /k line 3';
    const vouched = await agentWith({ 'trust.scan': { ...record, certificate } });
    expect((await vouched.run('trust alpha')).stdout).toContain(`SHA256:abc), ${certificate}.`);
    expect(vouched.asked('trust.record')).toEqual([]);
    const why = 'Its certificate has expired.';
    const expired = await agentWith({ 'trust.scan': { ...key, certificate: why } });
    expect((await expired.run('trust alpha', { columns: 80, input: 'n\n' })).stdout).toContain(why);
    for (const state of ['changed', 'revoked']) {
      const { run } = await agentWith({ 'trust.scan': { ...key, state, certificate: why } });
      expect((await run('trust alpha')).stderr).toContain(why);
    }
  });

  it('warns of an advert that names another key', async () => {
    const { run } = await agentWith({ 'trust.scan': { ...key, advertAgrees: false } });
    expect((await run('trust alpha', { columns: 80, input: 'n\n' })).stdout).toContain('ANOTHER key');
  });
});
