import { describe, expect, it } from 'vitest';
import { identityOf } from '../../src/agent/identity.ts';

const files: Record<string, string> = {
  '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  '/etc/ssh/sshd_config': '# Port 1\nPort 2222\nPort 22\n',
  '/etc/ssh/ssh_host_ed25519_key.pub': 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFVd root@alpha',
};

describe('identityOf', () => {
  it('reads the host id, the port and the host key’s fingerprint', () => {
    const me = identityOf((path) => files[path], 'alpha.example.org');
    expect(me).toMatchObject({ host: 'alpha', sshPort: 2222 });
    expect(me.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/u);
    expect(identityOf((path) => files[path], 'beta').hostId).toBe(me.hostId);
  });

  it('does without any of them, and is new with each agent', () => {
    const [one, two] = [identityOf(() => undefined, 'x'), identityOf(() => undefined, 'x')];
    expect(one).toMatchObject({ sshPort: 22, fingerprint: undefined, hostId: two.hostId });
    expect(one.agentId).not.toBe(two.agentId);
  });
});
