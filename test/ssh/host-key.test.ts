import { describe, expect, test } from 'vitest';
import type { HostCertificate } from '../../src/ssh/host-certificate.ts';
import { hostKeyAlgorithms, judgeHostKey, readShownKey } from '../../src/ssh/host-key.ts';
import { hostKeyError } from '../../src/ssh/host-key-error.ts';
import { parseKnownHosts } from '../../src/ssh/known-hosts.ts';
import type { HostKeyNames } from '../../src/ssh/target.ts';

function blob(type: string, body: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(body)]);
}

const mine = blob('ssh-ed25519', 'mine');
const other = blob('ssh-ed25519', 'other');
const rsa = blob('ssh-rsa', 'rsa');
const line = (hosts: string, key: Buffer) =>
  `${hosts} ${key.toString('latin1', 4, 4 + key.readUInt32BE(0))} ${key.toString('base64')}`;
const names: HostKeyNames = {
  primary: 'alpha',
  spellings: ['alpha.local'],
  portless: [],
  related: ['beta', '10.0.0.9'],
  principals: ['alpha', 'alpha.local'],
};
const judge = (lines: readonly string[], key = mine, of = names) =>
  judgeHostKey({ key }, of, parseKnownHosts(lines.join('\n'), '/home/me/known_hosts'), 0);

describe('judgeHostKey', () => {
  test.each([
    ['its name', [line('alpha', mine)], 'trusted'],
    ['one of several keys of its name', [line('alpha', other), line('alpha', mine)], 'trusted'],
    ['nothing known', [], 'unknown'],
    ['another key', [line('alpha', other)], 'changed'],
    ['a key of another type only', [line('alpha', rsa)], 'changed'],
    ['the other spelling', [line('alpha.local', mine)], 'trusted'],
    ['the other spelling with another key', [line('alpha.local', other)], 'changed'],
    [
      'its name, whatever the other spelling says',
      [line('alpha', mine), line('alpha.local', other)],
      'trusted',
    ],
    [
      'not its name, though the other spelling has it',
      [line('alpha', other), line('alpha.local', mine)],
      'changed',
    ],
    ['a name that mDNS claims', [line('beta', mine)], 'unknown'],
    ['an address that mDNS claims', [line('10.0.0.9', mine)], 'unknown'],
    ['another key for a claimed address', [line('alpha', mine), line('10.0.0.9', other)], 'trusted'],
    ['revoked everywhere', [line('alpha', mine), line('@revoked *', mine)], 'revoked'],
    ['revoked under a claimed name', [line('alpha', mine), line('@revoked beta', mine)], 'revoked'],
    ['another key revoked', [line('alpha', mine), line('@revoked *', other)], 'trusted'],
    ['a certificate authority is no host key', [line('@cert-authority alpha', mine)], 'unknown'],
  ])('%s', (_what, lines, state) => {
    expect(judge(lines).state).toBe(state);
  });

  test('an entry without the port may vouch but not contradict', () => {
    const ported: HostKeyNames = {
      primary: '[alpha]:2222',
      spellings: [],
      portless: ['alpha'],
      related: [],
      principals: ['alpha'],
    };
    expect(judge([line('alpha', mine)], mine, ported).state).toBe('trusted');
    expect(judge([line('alpha', other)], mine, ported).state).toBe('unknown');
    expect(judge([line('[alpha]:2222', other), line('alpha', mine)], mine, ported).state).toBe('changed');
  });
});

describe('judgeHostKey of a key in a certificate', () => {
  const authority = blob('ssh-ed25519', 'authority');
  const ported: HostKeyNames = {
    primary: '[alpha]:2222',
    spellings: ['[alpha.local]:2222'],
    portless: ['alpha'],
    related: ['beta'],
    principals: ['alpha', 'alpha.local'],
  };
  const certificate = (...principals: string[]): HostCertificate => ({
    key: mine,
    isForHosts: true,
    principals,
    from: 0n,
    until: 100n,
    conditions: [],
    authority,
    isSigned: true,
  });
  const judged = (lines: readonly string[], of: HostKeyNames, shown: HostCertificate, at = 50_000) => {
    const known = parseKnownHosts(lines.join('\n'), '/k');
    const verdict = judgeHostKey({ key: mine, certificate: shown }, of, known, at);
    return verdict.state === 'trusted' ? verdict.entry.line : verdict.state;
  };
  const mark = (hosts: string, key = authority) => line(`@cert-authority ${hosts}`, key);

  test.each([
    ['by its name', [mark('alpha')], names, ['alpha'], 1],
    ['by a pattern', [mark('*,!beta')], names, ['alpha'], 1],
    ['by a pattern that leaves it out', [mark('*,!alpha,!alpha.local')], names, ['alpha'], 'unknown'],
    ['by the second of its authorities', [mark('alpha', other), mark('alpha')], names, ['alpha'], 2],
    ['for another name', [mark('alpha')], names, ['beta'], 'unknown'],
    ['by the other spelling, for that', [mark('alpha.local')], names, ['alpha.local'], 1],
    ['by the other spelling, for its own', [mark('alpha.local')], names, ['alpha'], 'unknown'],
    ['by its name, for the other spelling', [mark('alpha')], names, ['alpha.local'], 'unknown'],
    [
      'by the other spelling, where another key is known',
      [line('alpha', other), mark('alpha.local')],
      names,
      ['alpha.local'],
      'changed',
    ],
    ['by a name that mDNS claims', [mark('beta')], names, ['beta', 'alpha'], 'unknown'],
    ['without the port', [mark('alpha')], ported, ['alpha'], 1],
    ['with the port', [mark('[alpha]:*')], ported, ['alpha'], 1],
    ['without the port, for its name with it', [mark('alpha')], ported, ['[alpha]:2222'], 'unknown'],
    ['rather than by another key', [line('alpha', other), mark('alpha')], names, ['alpha'], 2],
    ['by its key, if the authority does not', [mark('alpha'), line('alpha', mine)], names, ['beta'], 2],
    [
      'by nobody, and another key is known',
      [mark('alpha'), line('alpha', other)],
      names,
      ['beta'],
      'changed',
    ],
    ['but it is revoked', [mark('alpha'), line('@revoked *', mine)], names, ['alpha'], 'revoked'],
    ['but its authority is', [mark('alpha'), line('@revoked *', authority)], names, ['alpha'], 'revoked'],
    [
      'but its authority is, for a claimed name',
      [mark('alpha'), line('@revoked beta', authority)],
      names,
      ['alpha'],
      'revoked',
    ],
    [
      'and its authority is, elsewhere',
      [mark('alpha'), line('@revoked gamma', authority)],
      names,
      ['alpha'],
      1,
    ],
    // The key of an authority is no host key, and the other way round.
    ['by a plain line of the authority', [line('alpha', authority)], names, ['alpha'], 'changed'],
    ['by its own key, marked', [mark('alpha', mine)], names, ['alpha'], 'unknown'],
  ] as const)('%s', (_what, lines, of, principals, outcome) => {
    expect(judged(lines, of, certificate(...principals))).toBe(outcome);
  });

  test('as long as it holds', () => {
    const when = (at: number) => judged([mark('alpha')], names, certificate('alpha'), at);
    expect([0, 99_999, 100_000].map(when)).toEqual([1, 1, 'unknown']);
  });

  test('only a certificate is taken for one, and one that is broken for nothing', () => {
    expect(readShownKey(mine, 'alpha')).toEqual({ key: mine });
    const broken = blob('ssh-ed25519-cert-v01@openssh.com', 'x');
    expect(() => readShownKey(broken, 'alpha')).toThrow(
      expect.objectContaining({ code: 'protocol-error', message: expect.stringContaining('alpha shows') }),
    );
  });
});

test('hostKeyAlgorithms asks for certificates where known_hosts marks something, before keys as ssh does', () => {
  const of = (lines: readonly string[], at = names) =>
    hostKeyAlgorithms(at, parseKnownHosts(lines.join('\n'), 'f'));
  const isCertificate = (name: string) => name.endsWith('-cert-v01@openssh.com');
  const ported = { ...names, primary: '[alpha]:2222', spellings: [], portless: ['alpha'] };
  expect(of([line('alpha', mine), line('@cert-authority beta', other)]).some(isCertificate)).toBe(false);
  expect(of([line('@cert-authority *', other)])[0]).toBe('ssh-ed25519-cert-v01@openssh.com');
  expect(of([line('@revoked *', other)])[0]).toBe('ssh-ed25519-cert-v01@openssh.com');
  expect(of([line('@cert-authority *', other), line('alpha', rsa)]).map(isCertificate)[0]).toBe(true);
  const later = of([line('@cert-authority alpha', other), line('[alpha]:2222', rsa)], ported);
  expect(later.slice(0, 3)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519-cert-v01@openssh.com']);
  const best = of([line('@cert-authority alpha', other), line('[alpha]:2222', mine)], ported);
  expect(best.slice(0, 1).every(isCertificate)).toBe(true);
  expect(later.filter(isCertificate)).toEqual(best.filter(isCertificate));
  expect(later.filter(isCertificate)).not.toContain('ssh-rsa-cert-v01@openssh.com');
});

test('hostKeyAlgorithms asks for known keys first, and for no SHA-1', () => {
  const known = parseKnownHosts(line('alpha', rsa), 'f');
  expect(hostKeyAlgorithms(names, known).slice(0, 3)).toEqual([
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-ed25519',
  ]);
  expect(hostKeyAlgorithms(names, [])[0]).toBe('ssh-ed25519');
  expect(hostKeyAlgorithms(names, known)).not.toContain('ssh-rsa');
});

test('errors say which key, which line, and what to do', () => {
  const changed = hostKeyError(judge([line('alpha', other)]), mine, 'alpha', names);
  expect(changed?.message).toMatch(
    /SHA256:\S+; known is ssh-ed25519 SHA256:\S+ \(\/home\/me\/known_hosts:1\)/u,
  );
  expect(changed?.hint).toContain('ssh-keygen -R alpha -f /home/me/known_hosts && hotdesk trust alpha');
  const unknown = hostKeyError(judge([line('beta', mine)]), mine, 'alpha', names);
  expect(unknown?.message).toContain('You know this very key as beta.');
  expect(hostKeyError(judge([line('alpha', mine)]), mine, 'alpha', names)).toBeUndefined();
  const bare = hostKeyError(judge([line('@cert-authority *', other)]), mine, 'alpha', names);
  expect(bare?.message).toMatch(/SHA256:\S+ \(\/home\/me\/known_hosts:1\), but it shows no certificate\.$/u);
  expect(bare?.hint).toContain('hotdesk trust alpha');
});
