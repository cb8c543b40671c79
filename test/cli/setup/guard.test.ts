import { describe, expect, it } from 'vitest';
import { answersOf, fingerprintOf, otherKey } from '../../../src/cli/setup/guard.ts';
import type { WizardEvent } from '../../../src/wizard/wizard.ts';

const one = `SHA256:${'a'.repeat(43)}`;
const other = `SHA256:${'b'.repeat(43)}`;
const looked = (step: 'trust' | 'key', state: 'done' | 'todo' = 'todo'): WizardEvent => ({
  event: 'looked',
  step,
  look: { state, facts: [{ kind: 'fact', text: `ssh-ed25519 ${one}, known from ~/.ssh/known_hosts:1` }] },
});

describe('fingerprintOf', () => {
  it('takes what ssh-keygen prints, and nothing that could match by chance', () => {
    expect(fingerprintOf(` ${one}\n`)).toBe(one);
    expect(fingerprintOf('a'.repeat(43))).toBe(one);
    for (const text of ['', 'SHA256:abc', 'MD5:aa:bb']) {
      expect(() => fingerprintOf(text)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
    }
  });
});

describe('otherKey', () => {
  it.each(['done', 'todo'] as const)('refuses another key, also where it is %s', (state) => {
    expect(otherKey(looked('trust', state), one)).toBeUndefined();
    expect(otherKey(looked('trust', state), other)?.code).toBe('host-key-changed');
  });

  it('looks at the host key alone', () => {
    expect(otherKey(looked('key'), other)).toBeUndefined();
  });
});

it('answers the wizard’s own question with it', () => {
  expect(answersOf(one)).toEqual({ 'trust.key': 'compare', 'trust.expected': one });
  expect(answersOf(undefined)).toEqual({});
});
