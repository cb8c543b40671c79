import { describe, expect, test } from 'vitest';
import { hostKeyAlgorithms, hostKeyError, judgeHostKey } from '../../src/ssh/host-key.ts';
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
};
const judge = (lines: readonly string[], key = mine, of = names) =>
  judgeHostKey(key, of, parseKnownHosts(lines.join('\n'), '/home/me/known_hosts'));

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
    const ported: HostKeyNames = { primary: '[alpha]:2222', spellings: [], portless: ['alpha'], related: [] };
    expect(judge([line('alpha', mine)], mine, ported).state).toBe('trusted');
    expect(judge([line('alpha', other)], mine, ported).state).toBe('unknown');
    expect(judge([line('[alpha]:2222', other), line('alpha', mine)], mine, ported).state).toBe('changed');
  });
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
});
