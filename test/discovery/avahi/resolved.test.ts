import fc from 'fast-check';
import { expect, it } from 'vitest';
import { instanceOf, itemOf } from '../../../src/discovery/avahi/resolved.ts';
import { subnetOf } from '../../../src/discovery/subnet.ts';
import { encodeTxt } from '../../../src/protocol/txt.ts';

const onLink = subnetOf({ name: 'eth0', addresses: [{ address: '10.0.0.1', family: 4, prefix: 24 }] });
const link = { name: 'eth0', onLink };
const txt = encodeTxt({ hostId: 'ab'.repeat(16), agentId: '0011aabb', revision: 4, sessions: [] });
const found = (part: Partial<Record<number, unknown>> = {}) => {
  const body = [2, 0, 'alpha 1.2', '_hotdesk._tcp', 'local', 'alpha.local', 0, '10.0.0.2', 22, txt, 4];
  return Object.assign(body, part);
};

it('reads what a resolver found, the TXT in any order', () => {
  expect(instanceOf(found({ 9: [...txt].reverse().map((entry) => [...entry]) }), link)).toMatchObject({
    ...{ name: 'alpha 1.2', hostName: 'alpha.local', port: 22, advert: { revision: 4 } },
    addresses: [{ address: '10.0.0.2', family: 4 }],
  });
  expect(instanceOf(found({ 7: 'fe80::5' }), link)?.addresses).toEqual([
    { address: 'fe80::5', family: 6, scope: 'eth0' },
  ]);
});

it('leaves out addresses that are not of the link, and hosts that are not of this one', () => {
  expect(instanceOf(found({ 7: '172.17.0.1' }), link)?.addresses).toEqual([]);
  expect(instanceOf(found({ 7: '127.0.0.1' }), link)?.addresses).toEqual([]);
  expect(instanceOf(found({ 5: 'github.com' }), link)).toBeUndefined();
  expect(instanceOf(found({ 5: '-oProxyCommand=x.local' }), link)).toBeUndefined();
});

it('takes an item of a browsed type and of this link only', () => {
  expect(itemOf([2, 0, 'alpha', '_ssh._tcp', 'local', 4])).toMatchObject({ name: 'alpha', index: 2 });
  expect(itemOf([2, 0, 'alpha', '_printer._tcp', 'local', 4])).toBeUndefined();
  expect(itemOf([2, 0, 'alpha', '_ssh._tcp', 'example.org', 4])).toBeUndefined();
  expect(itemOf([])).toBeUndefined();
});

it('can be given any body', () => {
  fc.assert(
    fc.property(fc.array(fc.anything()), fc.nat(10), fc.anything(), (body, at, value) => {
      itemOf(body);
      instanceOf(body, link);
      instanceOf(found({ [at]: value }), link);
    }),
  );
});
