import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import { makeKey } from '../../src/ssh/new-key.ts';

describe('makeKey', () => {
  // One pair of ssh2's in 256 is broken: among so many there are some.
  it('makes pairs of which each can be read, and signs what the public half verifies', async () => {
    for (let n = 0; n < 1500; n += 1) {
      const key = await makeKey('me@here', '');
      const parsed = ssh2.utils.parseKey(key.privateText);
      if (parsed instanceof Error) throw parsed;
      expect(parsed.getPublicSSH().equals(key.blob)).toBe(true);
      if (n % 10 > 0) continue;
      const data = Buffer.from('data');
      const signature = sign(null, data, createPrivateKey(parsed.getPrivatePEM()));
      expect(verify(null, data, createPublicKey(parsed.getPublicPEM()), signature)).toBe(true);
      expect(key.seed()).toHaveLength(32);
    }
  });

  it('writes the comment behind the public half', async () => {
    expect((await makeKey('me@here', '')).publicLine).toMatch(/^ssh-ed25519 \S+ me@here$/u);
  });
});
