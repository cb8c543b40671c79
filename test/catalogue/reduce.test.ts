import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answer, reduce, type Self } from '../../src/catalogue/reduce.ts';
import type { Sighting } from '../../src/model/host.ts';

const self: Self = { hostId: 'id-me', name: 'me', version: '1', sessions: [], backends: {} };

function sighting(part: Partial<Sighting> & { name: string }): Sighting {
  return {
    finder: 'mdns',
    key: `${part.name}/${part.finder ?? 'mdns'}`,
    addresses: [],
    services: [],
    ...part,
  };
}

function advert(hostId: string) {
  return { hostId, agentId: 'a', revision: 1, sessions: [] };
}

const rows = (sightings: readonly Sighting[], answers: ReadonlyMap<string, Answer> = new Map()) =>
  reduce(self, sightings, answers);

describe('reduce', () => {
  it('makes one row of a host that was found in several ways and at several addresses', () => {
    const { hosts } = rows([
      sighting({ name: 'alpha', hostName: 'alpha.local', advert: advert('A'), services: ['_hotdesk._tcp'] }),
      sighting({ name: 'alpha', key: 'ssh', hostName: 'alpha.local', services: ['_ssh._tcp'] }),
      sighting({
        name: 'alpha',
        key: 'x2',
        addresses: [{ address: '10.0.0.1', family: 4 }],
        hostName: 'alpha.local',
      }),
      sighting({ finder: 'ssh-config', name: 'work', hostName: '10.0.0.1', sshName: 'work' }),
    ]);
    expect(hosts).toHaveLength(2);
    expect(hosts[1]).toMatchObject({ key: 'A', name: 'work', hostId: 'A', sshName: 'work' });
    expect(hosts[1]?.finders).toEqual(['ssh-config', 'mdns']);
  });

  it('keeps two machines of one name apart', () => {
    const { hosts } = rows([
      sighting({ name: 'pi', key: '1', advert: advert('AAAA1') }),
      sighting({ name: 'pi', key: '2', advert: advert('BBBB2') }),
    ]);
    expect(hosts.map((h) => h.name)).toEqual(['me', 'pi-AAAA', 'pi-BBBB']);
  });

  it('gives each way to one machine a row and a key of its own, so that sessions keep their user', () => {
    const alias = (name: string, user: string) =>
      sighting({
        finder: 'ssh-config',
        key: name,
        name,
        sshName: name,
        hostName: 'n',
        route: { user, port: 22, via: '' },
      });
    const answer = (name: string): Answer => ({
      state: 'agentless',
      hostId: 'N',
      sessions: [{ backend: 'tmux', localId: '0', name, kind: 'terminal', watchers: [], state: 'live' }],
    });
    const { hosts, sessions } = rows(
      [alias('nas', ''), alias('nas-root', 'root'), alias('me-root', 'root')],
      new Map([
        ['name:nas', answer('mine')],
        ['name:nas-root', answer('roots')],
        ['name:me-root', { ...answer('here'), hostId: 'id-me' }],
      ]),
    );
    expect(hosts.map((h) => [h.key, h.name, h.sshName])).toEqual([
      ['id-me', 'me', undefined],
      ['name:me-root', 'me-root', 'me-root'],
      ['N', 'nas', 'nas'],
      ['name:nas-root', 'nas-root', 'nas-root'],
    ]);
    expect(sessions.map((s) => `${s.name}@${s.host}`).sort()).toEqual([
      'here@me-root',
      'mine@nas',
      'roots@nas-root',
    ]);
  });

  it('takes its own advert for itself', () => {
    const { hosts } = rows([sighting({ name: 'me', hostName: 'me.local', advert: advert('id-me') })]);
    expect(hosts).toHaveLength(1);
    expect(hosts[0]).toMatchObject({ state: 'local', key: 'id-me', adverts: [] });
  });

  it('gives sessions of an answer the row that was asked, also after its identity became known', () => {
    const answer: Answer = {
      state: 'agentless',
      hostId: 'Z',
      sessions: [{ backend: 'tmux', localId: '0', name: 'a', kind: 'terminal', watchers: [], state: 'live' }],
    };
    const { hosts, sessions, answerOf } = rows(
      [sighting({ name: 'zeta', services: ['_ssh._tcp'] })],
      new Map([['name:zeta', answer]]),
    );
    expect(hosts[1]).toMatchObject({ key: 'Z', state: 'agentless' });
    expect(sessions[0]).toMatchObject({ ref: 'tmux:0@zeta', hostKey: 'Z' });
    expect(answerOf.get('Z')).toBe('name:zeta');
  });

  it('does not let an advert take the name, or the row, of a host that SSH knows', () => {
    const answer: Answer = { state: 'agent', hostId: 'A', hostName: 'alpha', sessions: [] };
    const { hosts } = rows(
      [
        sighting({ name: 'aaa', hostName: 'aaa.local', key: '0', advert: advert('A') }),
        sighting({ name: 'alpha', hostName: 'alpha.local', key: '1', advert: advert('A') }),
        sighting({ name: 'alpha', hostName: 'evil.local', key: '2', advert: advert('EVIL9') }),
      ],
      new Map([['A', answer]]),
    );
    expect(hosts.map((h) => h.name)).toEqual(['me', 'alpha', 'alpha-EVIL']);
    expect(hosts[1]).toMatchObject({ key: 'A', hostName: 'alpha.local' });
  });

  it('never loses or doubles a sighting, and does not depend on their order', () => {
    const one = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      id: fc.option(fc.constantFrom('1', '2', '3'), { nil: undefined }),
      address: fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3'),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), (list) => {
        const sightings = list.map((s, i) =>
          sighting({
            name: s.name,
            key: `k${String(i).padStart(2, '0')}`,
            addresses: [{ address: s.address, family: 4 }],
            ...(s.id ? { advert: advert(s.id) } : {}),
          }),
        );
        const forward = rows(sightings).hosts;
        expect(rows([...sightings].reverse()).hosts).toEqual(forward);
        const ids = new Set(list.flatMap((s) => (s.id ? [s.id] : [])));
        expect(new Set(forward.flatMap((h) => (h.hostId && h.hostId !== 'id-me' ? [h.hostId] : [])))).toEqual(
          ids,
        );
        expect(new Set(forward.map((h) => h.key)).size).toBe(forward.length);
      }),
    );
  });
});

describe('hosts with RDP', () => {
  const place = (host: string, more = {}) => ({ host, port: 3389, typed: false, ...more });
  const desk = sighting({
    name: 'desk',
    key: 'host:desk.local',
    hostName: 'desk.local',
    addresses: [{ address: '10.0.0.5', family: 4 }],
    services: ['_rdp._tcp'],
    rdp: place('desk.local'),
  });
  const typed = sighting({
    ...{ finder: 'manual', name: 'office', key: 'office' },
    addresses: [{ address: '10.0.0.5', family: 4 }],
    rdp: place('10.0.0.5', { typed: true, user: 'me' }),
  });

  it('and nothing else are a row of their own kind; typed in too, they are one row by what was typed', () => {
    expect(rows([desk]).hosts[1]).toMatchObject({ name: 'desk', state: 'rdp-only', rdp: { port: 3389 } });
    const { hosts } = rows([desk, typed]);
    expect(hosts).toHaveLength(2);
    expect(hosts[1]).toMatchObject({
      ...{ name: 'office', state: 'rdp-only', aliases: ['desk'] },
      rdp: { host: '10.0.0.5', typed: true, user: 'me' },
    });
  });

  it('and SSH in whatever way are one row, used over SSH', () => {
    const base = { name: 'desk', hostName: 'desk.local' };
    for (const ssh of [
      sighting({ ...base, key: 's', services: ['_ssh._tcp'], sshPort: 22 }),
      sighting({ ...base, key: 'x', services: ['_xpra._tcp'] }),
      sighting({ ...base, key: 'a', services: ['_hotdesk._tcp'], advert: advert('D'), sshPort: 22 }),
      sighting({ ...base, key: 'c', finder: 'ssh-config', hostName: '10.0.0.5', sshName: 'desk' }),
      sighting({ name: 'desk', key: 'm', finder: 'manual', sshName: 'me@10.0.0.5' }),
    ]) {
      const { hosts } = rows([desk, ssh]);
      expect(hosts).toHaveLength(2);
      expect(hosts[1]).toMatchObject({ name: 'desk', state: 'found', rdp: { port: 3389 } });
    }
  });

  it('by the word of anybody change nothing of a host that SSH has proved', () => {
    const alpha = sighting({
      ...{ name: 'alpha', key: 'agent', hostName: 'alpha.local', services: ['_hotdesk._tcp'] },
      ...{ advert: advert('A'), sshPort: 22, addresses: [{ address: '10.0.0.9', family: 4 }] as const },
    });
    const answers = new Map<string, Answer>([
      ['A', { state: 'agent', hostId: 'A', hostName: 'alpha', sessions: [] }],
    ]);
    const before = rows([alpha], answers).hosts[1];
    const after = rows([alpha, { ...desk, name: 'alpha', hostName: 'alpha.local' }], answers).hosts[1];
    const { rdp, addresses, ...rest } = after ?? {};
    expect(rdp).toEqual(place('desk.local'));
    expect(addresses).toContainEqual({ address: '10.0.0.9', family: 4 });
    const { addresses: _, ...was } = before ?? {};
    expect(rest).toEqual(was);
  });

  it('have none on this machine', () => {
    const mine = { ...desk, name: 'me', hostName: 'me.local' };
    const [me, ...others] = rows([mine]).hosts;
    expect(others).toEqual([]);
    expect(me).toMatchObject({ state: 'local' });
    expect(me).not.toHaveProperty('rdp');
  });
});
