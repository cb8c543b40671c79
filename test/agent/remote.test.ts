import { expect, test } from 'vitest';
import { mayForward } from '../../src/agent/remote.ts';

const hosts = [{ name: 'office', target: 'me@10.0.0.7:2222' }];
const settings = (...forwardAgent: string[]) => ({ forwardAgent, hosts });

test.each([
  ['nowhere unless somebody says so', 'alpha', undefined, [], false],
  ['by the name that is connected to', 'alpha', undefined, ['beta', 'Alpha.local'], true],
  ['to no other', 'alpha', undefined, ['beta'], false],
  ['by the user’s own name for it', '10.0.0.7', 'me@10.0.0.7:2222', ['office'], true],
  ['not by that of another', '10.0.0.8', 'me@10.0.0.8', ['office'], false],
])('%s', (_title, name, sshName, listed, expected) => {
  expect(mayForward(name, sshName, settings(...listed))).toBe(expected);
});
