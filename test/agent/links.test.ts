import { describe, expect, it } from 'vitest';
import { pickHost } from '../../src/agent/links.ts';
import { mayLookAt } from '../../src/agent/targets.ts';
import type { Host } from '../../src/model/host.ts';

const host = (name: string, part: Partial<Host> = {}): Host => ({
  key: `name:${name}`,
  name,
  addresses: [],
  finders: ['mdns'],
  state: 'found',
  adverts: [],
  ...part,
});

const hosts = [
  host('me', { state: 'local', finders: ['self'] }),
  host('alpha', { hostName: 'alpha.local', addresses: [{ address: '10.0.0.1', family: 4 }] }),
  host('pi-AAAA', { aliases: ['pi'] }),
  host('pi-BBBB', { aliases: ['pi'] }),
  host('work', { finders: ['ssh-config'], sshName: 'work' }),
];

describe('pickHost', () => {
  it('takes a bare name, name.local, an address, an alias of ssh_config, or localhost', () => {
    for (const text of ['alpha', 'ALPHA', 'alpha.local', '10.0.0.1']) {
      expect(pickHost(text, hosts).name).toBe('alpha');
    }
    expect(pickHost('work', hosts).name).toBe('work');
    expect(pickHost('localhost', hosts).name).toBe('me');
  });

  it('lists the candidates otherwise', () => {
    expect(() => pickHost('pi', hosts)).toThrow(
      expect.objectContaining({ code: 'ambiguous', candidates: ['pi-AAAA', 'pi-BBBB'] }),
    );
    expect(() => pickHost('beta', hosts)).toThrow(expect.objectContaining({ code: 'unknown-host' }));
  });
});

describe('mayLookAt', () => {
  it('leaves entries of ssh_config alone until they are named', () => {
    expect(mayLookAt(host('work', { finders: ['ssh-config'] }))).toBe(false);
    expect(mayLookAt(host('typed', { finders: ['manual'] }))).toBe(true);
    expect(mayLookAt(host('found', { addresses: [{ address: '10.0.0.3', family: 4 }] }))).toBe(true);
  });
});
