import { describe, expect, it } from 'vitest';
import { actionJson, addressesOf, hostJson, sessionJson } from '../../src/cli/as-json.ts';
import { ActionJson, HostJson, SessionJson } from '../../src/cli/json.ts';
import { host, sample, session } from './samples.ts';

describe('--json', () => {
  it('has sessions of the shape that is documented', () => {
    const around = sample();
    for (const each of around.sessions) SessionJson.parse(sessionJson(each, around));
    expect(
      sessionJson(session('x', 'alpha', { startedAt: 1, watchers: [{ host: 'gamma' }] }), around),
    ).toEqual({
      ...{ ref: 'xpra:100@alpha', name: 'x', host: 'alpha', hostKey: 'k-alpha', backend: 'xpra', id: '100' },
      ...{
        kind: 'app',
        state: 'live',
        startedAt: '1970-01-01T00:00:01.000Z',
        shownAt: ['gamma'],
        shownHere: false,
      },
    });
  });

  it('leaves out a time that is none', () => {
    expect(sessionJson(session('x', 'alpha', { startedAt: 1e18 }), sample())).not.toHaveProperty('startedAt');
  });

  it('has hosts of the shape that is documented', () => {
    const advert = { hostId: 'i', agentId: 'a', revision: 1, sessionCount: 2, sessions: [] };
    const full = host('alpha', {
      adverts: [advert, { ...advert, sessionCount: 3 }],
      backends: { xpra: '6.2' },
      problem: { code: 'timeout', message: 'It took too long.' },
    });
    const json = hostJson(full, sample().sessions);
    HostJson.parse(json);
    expect(json).toMatchObject({ sessions: 1, advertised: 5, backends: { xpra: '6.2' } });
  });

  it('has the outcome of an action', () => {
    const viewer = {
      id: 'v',
      ref: 'r',
      hostKey: 'k',
      backend: 'xpra',
      localId: '1',
      seat: ':0',
      since: 1,
      state: 'shown' as const,
    };
    const result = { session: session('x', 'alpha'), viewer, timings: { total: 12 } };
    const json = { version: 1, ...actionJson(result, sample()) };
    expect(ActionJson.parse(json)).toEqual(json);
  });
});

it('lists addresses in the order in which a person would try them', () => {
  const addresses = [
    { address: 'fe80::1', family: 6 as const, scope: 'eth0' },
    { address: '2001:db8::1', family: 6 as const },
    { address: '10.0.0.1', family: 4 as const },
  ];
  expect(addressesOf({ addresses })).toEqual(['10.0.0.1', '2001:db8::1', 'fe80::1%eth0']);
});
