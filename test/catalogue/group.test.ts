import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupSightings, type Joinable } from '../../src/catalogue/group.ts';
import type { Sighting, SshRoute } from '../../src/model/host.ts';

interface Wish {
  readonly name: string;
  readonly hostId?: string;
  readonly hostName?: string;
  readonly address?: string;
  readonly scope?: string;
}

function joinable({ name, hostId, hostName, address, scope }: Wish): Joinable {
  const addresses = address
    ? [{ address, family: 4 as const, ...(scope === undefined ? {} : { scope }) }]
    : [];
  const sighting: Sighting = {
    finder: 'mdns',
    key: `${name} ${hostId} ${hostName} ${address}`,
    name,
    addresses,
    services: [],
    ...(hostName === undefined ? {} : { hostName }),
  };
  return { sighting, hostId };
}

const groups = (...wishes: Wish[]) =>
  groupSightings(wishes.map(joinable)).map((group) => group.map(({ sighting }) => sighting.name));

describe('groupSightings', () => {
  it('joins by hostId, resolvable name, bare name and address', () => {
    expect(groups({ name: 'a', hostId: '1' }, { name: 'b', hostId: '1' })).toEqual([['a', 'b']]);
    expect(groups({ name: 'a', hostName: 'x.local' }, { name: 'b', hostName: 'X.local.' })).toEqual([
      ['a', 'b'],
    ]);
    expect(groups({ name: 'Alpha' }, { name: 'alpha' })).toEqual([['Alpha', 'alpha']]);
    expect(groups({ name: 'alpha' }, { name: 'b', hostName: 'alpha.local' })).toEqual([['alpha', 'b']]);
    expect(groups({ name: 'a', address: '10.0.0.1' }, { name: 'b', address: '10.0.0.1' })).toEqual([
      ['a', 'b'],
    ]);
  });

  it('joins an ssh_config entry with the address or the name that it goes to', () => {
    const found = { name: 'found', address: '10.0.0.1' };
    expect(groups(found, { name: 'office', hostName: '10.0.0.1' })).toEqual([['found', 'office']]);
    expect(groups(found, { name: 'office', hostName: 'found' })).toEqual([['found', 'office']]);
  });

  it('keeps apart what ssh reaches by another user, port or jump host', () => {
    const alias = (name: string, route: SshRoute, hostId?: string) => {
      const { sighting } = joinable({ name, hostName: '10.0.0.1' });
      return { sighting: { ...sighting, finder: 'ssh-config', sshName: name, route } as const, hostId };
    };
    const plain = { user: '', port: 22, via: '' };
    const found = joinable({ name: 'found', address: '10.0.0.1' });
    const rows = (...items: Joinable[]) =>
      groupSightings(items).map((group) => group.map(({ sighting }) => sighting.name));
    expect(rows(alias('a', plain), alias('b', plain), found)).toEqual([['a', 'b', 'found']]);
    expect(rows(alias('a', plain), alias('root', { ...plain, user: 'root' }), found)).toEqual([
      ['a', 'found'],
      ['root'],
    ]);
    expect(rows(alias('nat', { ...plain, port: 2222 }), found)).toEqual([['nat'], ['found']]);
    expect(rows(alias('inner', { ...plain, via: 'bastion' }), found)).toEqual([['inner'], ['found']]);
    // Nor when they prove to be one machine.
    expect(rows(alias('a', plain, '1'), alias('root', { ...plain, user: 'root' }, '1'))).toEqual([
      ['a'],
      ['root'],
    ]);
  });

  it('knows one name that the user gave twice for one host', () => {
    const named = (finder: 'manual' | 'ssh-config', route: SshRoute): Joinable => ({
      sighting: { finder, key: 'nas', name: 'nas', sshName: finder, addresses: [], services: [], route },
      hostId: undefined,
    });
    const config = named('ssh-config', { user: '', port: 22, via: '' });
    expect(groupSightings([named('manual', { user: 'root' }), config])).toHaveLength(1);
  });

  it('keeps two hostIds apart, whatever else they share', () => {
    const twins = [
      { name: 'pi', hostId: '1', hostName: 'pi.local', address: '10.0.0.1' },
      { name: 'pi', hostId: '2', hostName: 'pi.local', address: '10.0.0.1' },
    ];
    expect(groups(...twins)).toEqual([['pi'], ['pi']]);
    // Nor does one without an id bridge them: it goes to the first.
    expect(groups(...twins, { name: 'pi' }).map((group) => group.length)).toEqual([2, 1]);
  });

  it('knows one link-local address of two links for two', () => {
    const on = (scope: string) => ({ name: scope, address: 'fe80::1', scope });
    expect(groups(on('eth0'), on('eth1'))).toEqual([['eth0'], ['eth1']]);
  });

  it('loses nobody, doubles nobody, and never puts two hostIds together', () => {
    const some = (values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
    const wish = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      hostId: some(['1', '2', '3']),
      hostName: some(['a.local', 'b.local', '10.0.0.1']),
      address: some(['10.0.0.1', '10.0.0.2']),
    });
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 12 }), (wishes) => {
        const items = wishes.map((each) => joinable(each as Wish));
        const joined = groupSightings(items);
        expect(new Set(joined.flat()).size).toBe(items.length);
        expect(joined.flat()).toHaveLength(items.length);
        for (const group of joined) {
          const ids = new Set(group.flatMap(({ hostId }) => (hostId === undefined ? [] : [hostId])));
          expect(ids.size).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
