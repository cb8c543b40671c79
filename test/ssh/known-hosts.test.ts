import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entryMatches, fingerprintOf, hashName, parseKnownHosts } from '../../src/ssh/known-hosts.ts';

/** A key blob of that type (RFC 4253 §6.6). */
function blob(type: string, body = 'key'): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(body)]);
}

const ed25519 = blob('ssh-ed25519').toString('base64');

describe('parseKnownHosts', () => {
  test('reads plain, marked and commented lines with their numbers', () => {
    const text = [
      '# comment',
      '',
      `alpha,10.0.0.1 ssh-ed25519 ${ed25519} a comment`,
      `\t@revoked * ssh-ed25519\t${ed25519}`,
      `@cert-authority *.example.org ssh-ed25519 ${ed25519}\r`,
    ].join('\n');
    expect(parseKnownHosts(text, 'f').map((e) => [e.line, e.marker, e.hosts, e.type])).toEqual([
      [3, undefined, 'alpha,10.0.0.1', 'ssh-ed25519'],
      [4, 'revoked', '*', 'ssh-ed25519'],
      [5, 'cert-authority', '*.example.org', 'ssh-ed25519'],
    ]);
  });

  test.each([
    ['alpha'],
    ['alpha ssh-ed25519'],
    ['alpha ssh-ed25519 !!!'],
    [`alpha ssh-rsa ${ed25519}`],
    [`@unheard-of alpha ssh-ed25519 ${ed25519}`],
    ['alpha ssh-ed25519 AAAA'],
    ['alpha 2048 35 12345'],
  ])('passes over %j', (line) => {
    expect(parseKnownHosts(line, 'f')).toEqual([]);
  });

  test('never throws, and vouches only with whole keys', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const entry of parseKnownHosts(text, 'f')) expect(entry.key.length).toBeGreaterThan(4);
      }),
    );
  });
});

describe('entryMatches', () => {
  test.each([
    ['alpha', 'alpha', true],
    ['ALPHA', 'alpha', true],
    ['alpha', 'Alpha', true],
    ['alpha', 'alpha2', false],
    ['alpha,beta', 'beta', true],
    ['*', 'anything', true],
    ['*.local', 'alpha.local', true],
    ['*.local', 'local', false],
    ['10.0.0.?', '10.0.0.7', true],
    ['10.0.0.?', '10.0.0.77', false],
    ['*.local,!beta.local', 'beta.local', false],
    ['!beta.local,*.local', 'alpha.local', true],
    ['!beta', 'alpha', false],
    ['[alpha]:2222', '[alpha]:2222', true],
    ['[alpha]:2222', 'alpha', false],
    ['alpha', '[alpha]:2222', false],
    ['[*]:2222', '[alpha]:2222', true],
    ['a.pha', 'alpha', false],
    ['fe80::1%eth0', 'fe80::1%eth0', true],
    ['', 'alpha', false],
  ])('%s against %s: %s', (hosts, name, expected) => {
    expect(entryMatches({ hosts }, name)).toBe(expected);
  });

  test('a hashed name matches itself alone', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9.]{1,30}$/u),
        fc.stringMatching(/^[a-z0-9.]{1,30}$/u),
        (name, other) => {
          const hosts = hashName(name, randomBytes(20));
          expect(entryMatches({ hosts }, name)).toBe(true);
          expect(entryMatches({ hosts }, name.toUpperCase())).toBe(true);
          expect(entryMatches({ hosts }, other)).toBe(name === other);
        },
      ),
    );
  });

  test('many stars cost no time', () => {
    const since = performance.now();
    expect(entryMatches({ hosts: `${'*a'.repeat(500)}b` }, 'a'.repeat(255))).toBe(false);
    expect(performance.now() - since).toBeLessThan(500);
  });
});

test('fingerprints as ssh-keygen prints them', () => {
  const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
  expect(fingerprintOf(Buffer.from(key, 'base64'))).toBe(
    'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU',
  );
});
