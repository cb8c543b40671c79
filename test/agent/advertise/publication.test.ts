import fc from 'fast-check';
import { expect, it } from 'vitest';
import { publicationFor } from '../../../src/agent/advertise/publication.ts';
import { checkPublication } from '../../../src/agent/advertise/records.ts';
import type { Advert } from '../../../src/model/host.ts';

const advert: Advert = { hostId: 'ab'.repeat(16), agentId: '0011aabb', revision: 1, sessions: [] };

it('has the host and the process in its name, so that no two are alike', () => {
  expect(publicationFor('alpha', 22, advert)).toMatchObject({
    instance: 'alpha-ababab-0011aabb',
    hostName: 'alpha',
    port: 22,
  });
  const other = publicationFor('alpha', 22, { ...advert, agentId: '99999999' });
  expect(other.instance).not.toBe(publicationFor('alpha', 22, advert).instance);
});

it('can go on the wire whatever the host is called', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (host) => {
      const publication = publicationFor(host, 22, advert);
      checkPublication(publication);
      expect(publication.hostName).toMatch(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/iu);
    }),
  );
  expect(publicationFor('björn.example.org', 22, advert).hostName).toBe('bj-rn');
  expect(publicationFor('…', 22, advert).hostName).toBe('host');
});
