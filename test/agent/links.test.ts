import { describe, expect, it } from 'vitest';
import { Links, pickHost } from '../../src/agent/links.ts';
import { Catalogue } from '../../src/catalogue/store.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Host } from '../../src/model/host.ts';
import type { Viewer } from '../../src/model/viewer.ts';
import { host } from './found-host.ts';

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

describe('leave', () => {
  const links = (viewers: readonly Viewer[]) => {
    const self = { hostId: 'me', name: 'me', version: '1', sessions: [], backends: {} };
    const catalogue = new Catalogue(self, systemClock);
    const sighting = { finder: 'manual', key: 'nas', name: 'nas', addresses: [], services: [] } as const;
    catalogue.found(sighting);
    const made = new Links({
      catalogue,
      me: { hostId: 'me', host: 'me' },
      clock: systemClock,
      log: silentLogger,
      dial: () => Promise.reject(new Error('not asked')),
      survey: async () => ({ sessions: [], backends: {} }),
      surveyOwn: async () => ({ sessions: [], backends: {} }),
      idleMs: 1000,
      suspect: () => {},
      viewers: () => viewers,
      onHandover: () => {},
      onStopping: () => {},
      onEnded: () => {},
      onPeerLost: () => {},
    });
    catalogue.answer('name:nas', { state: 'agentless', sessions: [] });
    return { made, catalogue };
  };
  const viewer = { id: '1', ref: 'x:1@nas', hostKey: 'name:nas', backend: 'x', localId: '1', seat: ':0' };

  it('forgets what a host answered, so that it is only found', () => {
    const { made, catalogue } = links([]);
    const nas = () => catalogue.rows().hosts.find((row) => row.name === 'nas') as Host;
    expect(nas().state).toBe('agentless');
    expect(made.leave(nas())).toBe(true);
    expect(nas().state).toBe('found');
  });

  it('stays while something of it is shown here', () => {
    const { made, catalogue } = links([{ ...viewer, since: 0, state: 'shown' }]);
    const nas = () => catalogue.rows().hosts.find((row) => row.name === 'nas') as Host;
    expect(made.leave(nas())).toBe(false);
    expect(nas().state).toBe('agentless');
  });
});
