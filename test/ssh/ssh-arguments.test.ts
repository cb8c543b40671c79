import { expect, test } from 'vitest';
import { sshArguments } from '../../src/ssh/ssh-arguments.ts';
import { resolvedFrom } from '../../src/ssh/ssh-config.ts';
import type { SshTarget } from '../../src/ssh/target.ts';

const asked = ['-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes'];
const argumentsOf = (target: SshTarget, config: Readonly<Record<string, string>> = {}) =>
  sshArguments(
    target,
    resolvedFrom(target, new Map(Object.entries(config).map(([k, v]) => [k, [v]])), { home: '/h', env: {} }),
  );
const at = (address: string) => ({
  addresses: [{ address, family: address.includes(':') ? 6 : 4 } as const],
});

test('a name that ssh knows is left to ssh', () => {
  expect(argumentsOf({ name: 'alpha' })).toEqual([...asked, 'alpha']);
  expect(argumentsOf({ name: 'alpha', user: 'me', port: 2222 })).toEqual([
    ...asked,
    ...['-p', '2222', '-l', 'me', 'alpha'],
  ]);
});

test('one that was seen on the network is reached there, by the key that is known for its name', () => {
  expect(argumentsOf({ name: 'alpha', ...at('10.0.0.7') })).toEqual([
    ...asked,
    ...['-o', 'HostName=10.0.0.7', '-o', 'HostKeyAlias=alpha', 'alpha'],
  ]);
  expect(argumentsOf({ name: 'alpha', ...at('fe80::1%eth0') })).toContain('HostName=fe80::1%%eth0');
});

test('what would be an option is no name', () => {
  expect(() =>
    sshArguments({ name: '-oProxyCommand=x' }, resolvedFrom({ name: 'a' }, new Map(), {})),
  ).toThrow();
});
