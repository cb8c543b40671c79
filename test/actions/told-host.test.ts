import { expect, it } from 'vitest';
import { toldHost } from '../../src/actions/told-host.ts';
import type { Host } from '../../src/model/host.ts';

const host = {
  ...{ key: 'k', name: 'alpha', finders: ['mdns'], adverts: [], state: 'agent' },
  addresses: [{ address: '10.0.0.2', family: 4 }],
} as unknown as Host;

it('tells who it is and how to get there, and nothing else of it', () => {
  expect(toldHost({ ...host, hostId: 'id', hostName: 'alpha.local', sshPort: 2222 })).toEqual({
    name: 'alpha',
    addresses: [{ address: '10.0.0.2', family: 4 }],
    hostId: 'id',
    hostName: 'alpha.local',
    sshPort: 2222,
  });
});

it('leaves out what is not known', () => {
  expect(Object.keys(toldHost(host))).toEqual(['name', 'addresses']);
});
