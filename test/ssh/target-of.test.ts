import { describe, expect, it } from 'vitest';
import type { Host } from '../../src/model/host.ts';
import { targetOf } from '../../src/ssh/target-of.ts';

const host = (part: Partial<Host>): Host => ({
  key: 'k',
  name: 'alpha',
  addresses: [],
  finders: ['mdns'],
  state: 'found',
  adverts: [],
  ...part,
});

describe('targetOf', () => {
  it('goes by the found name, its port and addresses', () => {
    const addresses = [{ address: '10.0.0.1', family: 4 as const }];
    expect(targetOf(host({ hostName: 'alpha.local', sshPort: 2222, addresses }))).toMatchObject({
      name: 'alpha',
      port: 2222,
      addresses,
      aliases: ['alpha.local'],
    });
  });

  it('goes by the user’s own words where there are some', () => {
    expect(targetOf(host({ sshName: 'me@10.0.0.9:2200', sshPort: 22 }))).toMatchObject({
      name: '10.0.0.9',
      user: 'me',
      port: 2200,
    });
    const alias = targetOf(host({ sshName: 'work', sshPort: 22 }));
    expect(alias.name).toBe('work');
    expect(alias.port).toBeUndefined();
  });
});
