import { describe, expect, it } from 'vitest';
import { keptPassword } from '../../../src/agent/account/kept.ts';

const login = { user: 'ann', names: ['alpha.local'], port: 0, fingerprint: 'SHA256:one' };

function rig(keepPasswords: string[]) {
  const asked: unknown[][] = [];
  const note =
    (what: string) =>
    async (...args: unknown[]) => {
      asked.push([what, ...args]);
    };
  const secrets = { get: note('get'), set: note('set'), delete: note('delete') };
  const keeping = { secrets, settings: () => ({ keepPasswords, hosts: [] }) };
  return { asked, of: (over: object) => keptPassword(keeping as never, { ...login, ...over }) };
}

describe('a kept password', () => {
  it('is none of a host that the setting does not name', () => {
    expect(rig([]).of({})).toBeUndefined();
    expect(rig(['beta']).of({})).toBeUndefined();
  });

  it('is none of a host that has proved no key', () => {
    expect(rig(['alpha']).of({ fingerprint: undefined })).toBeUndefined();
  });

  it('is of that user at that host with that key, whatever is done with it', async () => {
    const { asked, of } = rig(['alpha']);
    const account = { user: 'ann', host: 'alpha', port: 0, rdp: 'SHA256:one' };
    const kept = of({});
    await kept?.get(true);
    await kept?.keep('pw');
    await kept?.forget();
    expect(asked).toEqual([
      ['get', account, true],
      ['set', account, 'pw'],
      ['delete', account],
    ]);
    await of({ fingerprint: 'SHA256:two' })?.get(false);
    expect(asked.at(-1)).toEqual(['get', { ...account, rdp: 'SHA256:two' }, false]);
  });
});
