import type { Host } from '../../src/model/host.ts';

/** A host that was found and not looked at, but for `part`. */
export const host = (name: string, part: Partial<Host> = {}): Host => ({
  key: `name:${name}`,
  name,
  addresses: [],
  finders: ['mdns'],
  state: 'found',
  adverts: [],
  ...part,
});
