import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { record, scan } from '../../src/agent/trust.ts';
import type { Advert, Host } from '../../src/model/host.ts';
import type { Pool, PresentedKey } from '../../src/ssh/ssh.ts';

const signal = new AbortController().signal;
const host: Host = {
  key: 'k',
  name: 'alpha',
  addresses: [],
  finders: ['mdns'],
  state: 'found',
  adverts: [],
};
const advert = (fingerprint?: string) =>
  ({ hostId: 'h', agentId: 'a', fingerprint, revision: 1, sessions: [] }) as unknown as Advert;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hd-trust-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => join(folder, 'known_hosts');

function poolOf(
  fingerprint: string,
  state: PresentedKey['verdict']['state'] = 'unknown',
  certificate?: string,
): Pool {
  const presented = {
    type: 'ssh-ed25519',
    fingerprint,
    key: Buffer.from('0000000b7373682d6564323535313900000020'.padEnd(102, '1'), 'hex'),
    line: '',
    verdict: { state },
    certificate,
    target: {
      name: 'alpha',
      hostKey: { primary: 'alpha', spellings: ['alpha.local'] },
      userKnownHosts: [file()],
      hashKnownHosts: false,
    },
  };
  return { scan: async () => presented } as unknown as Pool;
}

describe('scan', () => {
  it('says what the adverts claim of the key, and nothing where they claim nothing', async () => {
    const seen = async (...adverts: Advert[]) =>
      (await scan(poolOf('SHA256:a'), { ...host, adverts }, signal)).advertAgrees;
    expect(await seen()).toBeUndefined();
    expect(await seen(advert())).toBeUndefined();
    expect(await seen(advert('SHA256:a'))).toBe(true);
    // One that disagrees is enough to warn.
    expect(await seen(advert('SHA256:a'), advert('SHA256:b'))).toBe(false);
  });

  it('calls a trusted key known, and hands other verdicts on', async () => {
    expect((await scan(poolOf('SHA256:a', 'trusted'), host, signal)).state).toBe('known');
    expect((await scan(poolOf('SHA256:a', 'revoked'), host, signal)).state).toBe('revoked');
  });

  it('says what an authority does for it', async () => {
    expect((await scan(poolOf('SHA256:a', 'trusted', 'vouched for'), host, signal)).certificate).toBe(
      'vouched for',
    );
    expect(await scan(poolOf('SHA256:a'), host, signal)).not.toHaveProperty('certificate');
  });

  it('has nothing to ask of this machine', async () => {
    await expect(scan(poolOf('SHA256:a'), { ...host, state: 'local' }, signal)).rejects.toMatchObject({
      code: 'bad-argument',
    });
  });
});

describe('record', () => {
  it('writes the key that the user saw, and no other', async () => {
    await expect(record(poolOf('SHA256:b'), host, 'SHA256:a', signal)).rejects.toMatchObject({
      code: 'host-key-changed',
    });
    expect(() => readFileSync(file())).toThrow();
    expect(await record(poolOf('SHA256:a'), host, 'SHA256:a', signal)).toMatchObject({ state: 'known' });
    expect(readFileSync(file(), 'utf8')).toMatch(/^alpha,alpha\.local ssh-ed25519 /u);
  });

  it('never replaces a key that is there', async () => {
    const changed = poolOf('SHA256:a', 'changed');
    await expect(record(changed, host, 'SHA256:a', signal)).rejects.toMatchObject({
      code: 'host-key-changed',
    });
    expect(() => readFileSync(file())).toThrow();
  });
});
