import { expect, it } from 'vitest';
import { type Instance, SightingBook } from '../../src/discovery/book.ts';

const instance = (part: Partial<Instance>): Instance => ({
  ...{ type: '_ssh._tcp', name: 'alpha', hostName: 'alpha.local', port: 22 },
  addresses: [{ address: '10.0.0.2', family: 4 }],
  ...part,
});

it('makes one host of all its agentless services, and one sighting of each agent', () => {
  const book = new SightingBook('mdns');
  book.set('1', instance({ port: 2222 }));
  for (let i = 0; i < 50; i += 1)
    book.set(`x${i}`, instance({ type: '_xpra._tcp', name: `:${i}`, port: 14_500 + i }));
  book.set('2', instance({ type: '_hotdesk._tcp', name: 'alpha ab' }));
  book.set('3', instance({ type: '_hotdesk._tcp', name: 'alpha cd' }));
  const { found, lost } = book.changes();
  expect(lost).toEqual([]);
  expect(found.map(({ key, sshPort, services }) => [key, sshPort, services])).toEqual([
    ['host:alpha.local', 2222, ['_ssh._tcp', '_xpra._tcp']],
    ['agent:alpha ab', 22, ['_hotdesk._tcp']],
    ['agent:alpha cd', 22, ['_hotdesk._tcp']],
  ]);
  expect(book.idsOf('host:alpha.local')).toHaveLength(51);
});

it('tells what is new, and only that', () => {
  const book = new SightingBook('mdns');
  book.set('1', instance({}));
  expect(book.changes().found).toHaveLength(1);
  book.set('1', instance({}));
  expect(book.changes()).toEqual({ found: [], lost: [] });
  book.set('1', instance({ addresses: [] }));
  expect(book.changes().found).toHaveLength(1);
  book.set('1', instance({ hostName: 'beta.local' }));
  expect(book.changes()).toMatchObject({ found: [{ key: 'host:beta.local' }], lost: ['host:alpha.local'] });
  book.set('1', undefined);
  book.set('1', undefined);
  expect(book.changes()).toEqual({ found: [], lost: ['host:beta.local'] });
});

it('has an xpra host without a port for ssh, for its port is not that', () => {
  const book = new SightingBook('mdns');
  book.set('1', instance({ type: '_xpra._tcp', port: 14_500 }));
  expect(book.changes().found[0]).not.toHaveProperty('sshPort');
});

it('has the port for RDP of a host, and no port for ssh by it', () => {
  const book = new SightingBook('mdns');
  const rdp = (name: string, port: number) => instance({ type: '_rdp._tcp', name, port });
  book.set('1', rdp('a', 3400));
  book.set('2', rdp('b', 3350));
  book.set('3', rdp('c', 0));
  const [found] = book.changes().found;
  expect(found).toMatchObject({
    services: ['_rdp._tcp'],
    rdp: { host: 'alpha.local', port: 3350, typed: false },
  });
  expect(found).not.toHaveProperty('sshPort');
  // The usual one, whatever others are said to be there.
  book.set('4', rdp('d', 3389));
  book.set('5', rdp('e', 1));
  expect(book.changes().found[0]?.rdp?.port).toBe(3389);
  book.set('6', instance({ port: 2222 }));
  expect(book.changes().found[0]).toMatchObject({ sshPort: 2222, services: ['_ssh._tcp', '_rdp._tcp'] });
  for (const id of ['1', '2', '4', '5']) book.set(id, undefined);
  expect(book.changes().found[0]).not.toHaveProperty('rdp');
});
