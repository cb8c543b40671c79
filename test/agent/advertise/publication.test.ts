import fc from 'fast-check';
import { expect, it } from 'vitest';
import { carriable, instanceOf } from '../../../src/agent/advertise/publication.ts';
import { checkPublication } from '../../../src/agent/advertise/records.ts';

const of = (instance: string, hostName: string) => carriable({ instance, hostName, port: 22, txt: [] });

it('leaves good names as they are', () => {
  expect(of('alpha abcd0011aabb', 'alpha')).toMatchObject({
    instance: 'alpha abcd0011aabb',
    hostName: 'alpha',
  });
});

it('can go on the wire whatever the host is called', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 });
  fc.assert(
    fc.property(text, text, (instance, host) => {
      const publication = of(instance, host);
      checkPublication(publication);
      expect(publication.hostName).toMatch(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/iu);
    }),
  );
  expect(of('x', 'björn.example.org').hostName).toBe('bj-rn');
  expect(of('x', '…').hostName).toBe('host');
});

it('keeps the end of a long name, which makes it unique', () => {
  const long = 'größer'.repeat(20);
  expect(of(`${long} abcd0011aabb`, 'x').instance).toMatch(/ abcd0011aabb$/u);
  expect(of(`${long} abcd0011aabb`, 'x').instance).not.toBe(of(`${long} abcd99999999`, 'x').instance);
  expect(of(`v1.2 ${long} abcd0011aabb`, 'x').instance).not.toContain('.');
});

it('two agents of one name have names of their own on the link, however long it is', () => {
  const name = 'größer'.repeat(20);
  const of = (hostId: string, agentId: string) => instanceOf({ host: name, hostId, agentId });
  const all = [of('abcd99', '0011aabb'), of('abcd99', '0011aabc'), of('abce99', '0011aabb')];
  expect(new Set(all).size).toBe(3);
  for (const instance of all) expect(Buffer.byteLength(instance)).toBeLessThanOrEqual(63);
  expect(instanceOf({ host: 'alpha', hostId: 'abcd99', agentId: '0011aabb' })).toBe('alpha abcd0011aabb');
});
