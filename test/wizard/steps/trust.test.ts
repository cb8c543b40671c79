import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { sshString } from '../../../src/ssh/auth/blob.ts';
import type { Pool, PresentedKey } from '../../../src/ssh/ssh.ts';
import type { Place } from '../../../src/wizard/deps.ts';
import { createVisit } from '../../../src/wizard/setup.ts';
import { trustStep } from '../../../src/wizard/steps/trust.ts';
import { client } from '../rig.ts';
import { signal } from './visit.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const KEY = Buffer.concat([sshString('ssh-ed25519'), sshString(Buffer.alloc(32, 7))]);
const FINGERPRINT = `SHA256:${createHash('sha256').update(KEY).digest('base64').replace(/=$/u, '')}`;

function trusting(verdict: PresentedKey['verdict'], claims: readonly string[] = [], certificate?: string) {
  const user = client({ host: '127.0.0.1', port: 1 });
  ends.push(user.remove);
  const hostKey = { primary: 'alpha', spellings: [], portless: [], related: [], principals: ['alpha'] };
  const target = { name: 'alpha', hostName: 'alpha', hostKey, userKnownHosts: [], globalKnownHosts: [] };
  const presented = {
    ...{ type: 'ssh-ed25519', fingerprint: FINGERPRINT, key: KEY, line: '' },
    ...{ verdict, certificate, target },
  };
  const pool = { scan: async () => presented, close: async () => {} } as unknown as Pool;
  const place = {
    name: 'alpha',
    target: { name: 'alpha' },
    resolved: target,
    row: { adverts: claims.map((fingerprint) => ({ fingerprint })) },
    id: 'me@alpha',
  } as unknown as Place;
  return trustStep({ ...createVisit(user.deps), pool, place });
}

const UNKNOWN = { state: 'unknown', knownAs: ['old-name'], doubt: undefined } as const;

async function explained(step: ReturnType<typeof trustStep>) {
  await step.look(signal);
  const { lines, questions } = await step.explain(signal);
  return {
    lines,
    questions,
    warnings: lines.filter(({ kind }) => kind === 'warning').map(({ text }) => text),
  };
}

describe('the step trust', () => {
  it('shows the key in every form that can be compared, and agrees to nothing by itself', async () => {
    const { lines, questions, warnings } = await explained(trusting(UNKNOWN));
    const text = lines.map((line) => line.text).join('\n');
    expect(text).toContain(FINGERPRINT);
    expect(lines.filter(({ kind }) => kind === 'art')).toHaveLength(11);
    expect(text).toContain('ssh-keygen -lvf /etc/ssh/ssh_host_ed25519_key.pub');
    expect(text).toContain('You know this very key as old-name.');
    expect(text).toContain('DNS does not vouch for it');
    expect(warnings).toEqual([]);
    expect(questions[0]).toMatchObject({ id: 'trust.key', default: 'refuse', byYes: undefined });
  });

  it('warns of an advert that names another key; one that names the same is a claim', async () => {
    const other = await explained(trusting(UNKNOWN, ['SHA256:another']));
    expect(other.warnings.join()).toContain('ANOTHER key');
    const same = await explained(trusting(UNKNOWN, [FINGERPRINT]));
    expect(same.warnings).toEqual([]);
    expect(same.lines.map(({ text }) => text).join()).toContain('That is a claim');
  });

  it('has no way past a key that changed or is revoked', async () => {
    const entry = {
      marker: undefined,
      hosts: 'alpha',
      type: 'ssh-ed25519',
      key: Buffer.from('x'),
      file: '/k',
      line: 3,
    };
    const changed = await trusting({
      state: 'changed',
      entries: [entry],
      name: 'alpha',
      doubt: undefined,
    }).look(signal);
    expect(changed).toMatchObject({ state: 'blocked', why: { code: 'host-key-changed' } });
    const revoked = await trusting({ state: 'revoked', entry: { ...entry, marker: 'revoked' } }).look(signal);
    expect(revoked).toMatchObject({ state: 'blocked', why: { code: 'host-key-revoked' } });
  });

  it('says who vouches for a key, and what is wrong with a certificate', async () => {
    const entry = {
      marker: 'cert-authority',
      hosts: '*',
      type: 'ssh-ed25519',
      key: Buffer.from('x'),
      file: '/k',
      line: 3,
    } as const;
    const vouched = await trusting({ state: 'trusted', entry }, [], 'vouched for by X').look(signal);
    expect(vouched).toMatchObject({
      state: 'done',
      facts: [{ text: `ssh-ed25519 ${FINGERPRINT}, vouched for by X` }],
    });
    const { warnings } = await explained(trusting(UNKNOWN, [], 'Its certificate has expired.'));
    expect(warnings).toEqual(['Its certificate has expired.']);
  });

  it('changes nothing on no, and says so where there is nowhere to record', async () => {
    const step = trusting(UNKNOWN);
    await step.look(signal);
    expect(await step.do({ 'trust.key': 'refuse' }, () => {}, signal)).toBe('declined');
    await expect(step.do({ 'trust.key': 'accept' }, () => {}, signal)).rejects.toMatchObject({
      code: 'bad-settings',
    });
    const wrong = { 'trust.key': 'compare', 'trust.expected': FINGERPRINT.toLowerCase() };
    await expect(step.do(wrong, () => {}, signal)).rejects.toMatchObject({ code: 'host-key-changed' });
  });
});
