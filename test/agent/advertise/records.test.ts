import { describe, expect, it } from 'vitest';
import {
  allOf,
  checkPublication,
  goodbyeFor,
  hostNameOf,
  recordsFor,
} from '../../../src/agent/advertise/records.ts';
import type { Publication } from '../../../src/discovery/advertiser.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';

const publication: Publication = {
  ...{ instance: 'alpha-1', hostName: 'alpha', port: 22 },
  txt: [Buffer.from('v=1')],
};
const link = {
  name: 'eth0',
  addresses: [
    { address: '10.0.0.1', family: 4, prefix: 24 },
    { address: 'fe80::1', family: 6, prefix: 64 },
  ],
} as const;

describe('the records', () => {
  const records = recordsFor(publication, 'alpha.local', link);

  it('have the addresses of their link alone, and a host name that ends in .local', () => {
    expect(records.addresses.map(({ type, name, data }) => [type, name, data])).toEqual([
      ['A', 'alpha.local', '10.0.0.1'],
      ['AAAA', 'alpha.local', 'fe80::1'],
    ]);
    expect(records.service.data).toMatchObject({ target: 'alpha.local', port: 22 });
  });

  it('have the flush bit where they are unique, and never where they are shared', () => {
    for (const record of allOf(records)) expect(record.flush === true).toBe(record.type !== 'PTR');
  });

  it('are withdrawn with a TTL of 0, their data as it was', () => {
    const all = allOf(records);
    expect(goodbyeFor(all).map(({ ttl }) => ttl)).toEqual(all.map(() => 0));
    expect(goodbyeFor(all).map(({ data }) => data)).toEqual(all.map(({ data }) => data));
  });
});

it('gives way in the name as Avahi does', () => {
  expect(hostNameOf(publication, 1)).toBe('alpha.local');
  expect(hostNameOf(publication, 3)).toBe('alpha-3.local');
  expect(hostNameOf({ ...publication, hostName: 'x'.repeat(63) }, 2)).toBe(`${'x'.repeat(61)}-2.local`);
});

it.each([
  ['a dotted name', { instance: 'a.b' }],
  ['a name over 63 bytes', { instance: 'ö'.repeat(32) }],
  ['an empty name', { instance: '' }],
  ['a dotted host name', { hostName: 'alpha.local' }],
  ['a string over 255 bytes', { txt: [Buffer.alloc(256)] }],
  ['more than a packet holds', { txt: Array.from({ length: 6 }, () => Buffer.alloc(250)) }],
  ['no port', { port: 0 }],
])('refuses %s, which nobody would ever see', (_what, part) => {
  expect(() => checkPublication({ ...publication, ...part })).toThrow(HotdeskError);
});
