import { expect, it } from 'vitest';
import { hostHints, hostLines, sortedHosts } from '../../src/cli/hosts-table.ts';
import { render } from '../../src/cli/style.ts';
import { host, sample } from './samples.ts';

const text = (...hosts: Parameters<typeof hostLines>[0]) =>
  hostLines(hosts, 120).map((line) => render(line, false).trimEnd());

it('begins with this machine, then goes by name', () => {
  const hosts = [host('b'), host('a'), host('here')];
  expect(sortedHosts(sample({ hosts })).map(({ name }) => name)).toEqual(['here', 'a', 'b']);
});

it('says of each host what it is, where, with which backends and who found it', () => {
  const [title, ...rows] = text(
    host('here', {
      state: 'local',
      finders: ['self'],
      backends: { xpra: '4.4', console: '' },
      addresses: [{ address: '10.0.0.2', family: 4 }],
    }),
    host('desk', { state: 'rdp-only', finders: ['mdns', 'manual'], hostName: 'desk.local' }),
  );
  expect(title).toMatch(/^NAME +STATE +ADDRESS +BACKENDS +FOUND BY/u);
  expect(rows).toEqual([
    expect.stringMatching(/^here +this machine +10\.0\.0\.2 +xpra 4\.4, console +self$/u),
    expect.stringMatching(/^desk +RDP only +desk\.local +rdp +mdns, manual$/u),
  ]);
});

it('tells how many sessions a host claims of which no more is known', () => {
  const advert = { hostId: 'i', agentId: 'a', revision: 1, sessionCount: 2, sessions: [] };
  expect(text(host('far', { state: 'found', adverts: [advert] }))[1]).toMatch(/\(2 advertised\)/u);
  expect(text(host('far', { state: 'found' }))[1]).toMatch(/^far +found +- +- +mdns$/u);
});

it('names each problem, and what cures it', () => {
  const problem = { code: 'host-key-unknown', message: 'Not known yet.', hint: 'Trust it.' } as const;
  const hosts = [
    host('a'),
    host('b', { state: 'untrusted', problem }),
    host('c', { problem: { ...problem, hint: undefined } }),
  ];
  expect(text(...hosts)[2]).toMatch(/^b +untrusted .* Not known yet\.$/u);
  expect(hostHints(hosts)).toEqual(['b: Trust it.']);
});
