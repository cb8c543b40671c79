import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Resolver } from '../../../src/wizard/identity/resolver.ts';
import { askDns } from '../../../src/wizard/identity/sshfp.ts';
import { type Dns, type DnsOptions, startDns } from '../../rigs/dns.ts';
import { freePort } from '../../rigs/sshd/sshd.ts';

const dir = mkdtempSync(join(tmpdir(), 'hd-sshfp-'));
afterAll(() => rmSync(dir, { recursive: true }));
let dns: Dns | undefined;
afterEach(async () => {
  await dns?.stop();
  dns = undefined;
});

function hostKey(type: string): { key: Buffer; records: string[] } {
  const file = join(dir, `${type}-${Math.random()}`);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file]);
  const key = Buffer.from(readFileSync(`${file}.pub`, 'utf8').split(' ')[1] ?? '', 'base64');
  // As ssh-keygen itself writes them: `alpha IN SSHFP 4 2 …`.
  const said = execFileSync('ssh-keygen', ['-r', 'alpha', '-f', `${file}.pub`], { encoding: 'utf8' });
  return {
    key,
    records: said
      .trim()
      .split('\n')
      .map((line) => line.replace(' IN ', ' ')),
  };
}

async function resolver(options: DnsOptions, trustsAd = true): Promise<Resolver> {
  dns = await startDns(options);
  return { servers: [{ address: '127.0.0.1', port: dns.port }], trustsAd };
}

describe('SSHFP records, by a resolver that validates', () => {
  it.each(['ed25519', 'ecdsa', 'rsa'])('vouch for a key that they name (%s)', async (type) => {
    const { key, records } = hostKey(type);
    expect(await askDns('alpha.rig.test', key, await resolver({ records }))).toEqual({ state: 'match' });
  });

  it('accuse another key of the same kind', async () => {
    const { records } = hostKey('ed25519');
    const answer = await askDns('alpha.rig.test', hostKey('ed25519').key, await resolver({ records }));
    expect(answer).toEqual({ state: 'mismatch' });
  });

  it('say nothing of a key of another kind, and nothing by SHA-1 alone', async () => {
    const { key, records } = hostKey('ed25519');
    const at = await resolver({ records: records.filter((line) => / 4 1 /u.test(line)) });
    expect(await askDns('alpha.rig.test', key, at)).toMatchObject({
      state: 'not-checked',
      why: expect.stringMatching(/kind of key/u),
    });
    expect(await askDns('alpha.rig.test', hostKey('rsa').key, at)).toMatchObject({ state: 'not-checked' });
  });

  it('count for nothing without DNSSEC, forged, missing, or where AD is not to be trusted', async () => {
    const { key, records } = hostKey('ed25519');
    const unsigned = await resolver({ records, zone: 'unsigned' });
    expect(await askDns('alpha.rig.test', key, unsigned)).toMatchObject({
      state: 'not-checked',
      why: expect.stringMatching(/DNSSEC/u),
    });
    await dns?.stop();
    const forged = await resolver({ records, zone: 'forged' });
    expect(await askDns('alpha.rig.test', key, forged)).toMatchObject({
      state: 'not-checked',
      why: expect.stringMatching(/forged/u),
    });
    await dns?.stop();
    const good = await resolver({ records });
    expect(await askDns('beta.rig.test', key, good)).toMatchObject({
      state: 'not-checked',
      why: expect.stringMatching(/no SSHFP/u),
    });
    expect(await askDns('alpha.rig.test', key, { ...good, trustsAd: false })).toMatchObject({
      state: 'not-checked',
      why: expect.stringMatching(/trust-ad/u),
    });
  });

  it('are read whole where they are too many for one packet', async () => {
    const { key, records } = hostKey('ed25519');
    const others = Array.from({ length: 60 }, (_, i) => {
      return `alpha SSHFP 4 2 ${createHash('sha256').update(String(i)).digest('hex')}`;
    });
    const at = await resolver({ records: [...others, ...records] });
    expect(await askDns('alpha.rig.test', key, at)).toEqual({ state: 'match' });
  });

  it('are not waited for: no server, or one that says nothing', async () => {
    const { key } = hostKey('ed25519');
    const port = await freePort();
    const nobody = { servers: [{ address: '127.0.0.1', port }], trustsAd: true };
    expect(await askDns('alpha.rig.test', key, nobody)).toMatchObject({
      state: 'not-checked',
      why: expect.stringMatching(/answered/u),
    });
  });

  it('are not asked for of names that are not for DNS', async () => {
    const nowhere = { servers: [], trustsAd: true };
    for (const name of [
      '10.0.0.1',
      'fe80::1%eth0',
      'alpha',
      'alpha.local',
      'a..b',
      `${'a'.repeat(64)}.test`,
    ]) {
      expect(await askDns(name, hostKey('ed25519').key, nowhere)).toMatchObject({ state: 'not-checked' });
    }
  });
});
