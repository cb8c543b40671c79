import type { NetworkInterfaceInfo } from 'node:os';
import { expect, it } from 'vitest';
import { linkKey, linksOf } from '../../src/discovery/interfaces.ts';
import { isReachable, subnetOf } from '../../src/discovery/subnet.ts';

const v4 = (cidr: string, internal = false): NetworkInterfaceInfo => ({
  ...{ address: cidr.split('/')[0] ?? '', netmask: '', family: 'IPv4', mac: '02:00:00:00:00:01' },
  ...{ internal, cidr },
});

it('has the links that have neighbours: no loopback, container bridge, or point-to-point', () => {
  const links = linksOf({
    lo: [v4('127.0.0.1/8', true)],
    eth0: [v4('10.0.0.1/24')],
    wlp2s0: [v4('192.168.1.7/24')],
    br0: [v4('10.9.0.1/16')],
    docker0: [v4('172.17.0.1/16')],
    'br-0123456789ab': [v4('172.18.0.1/16')],
    virbr0: [v4('192.168.122.1/24')],
    veth12ab: [v4('10.5.0.1/24')],
    tun0: [v4('10.8.0.6/32')],
  });
  expect(links.map(({ name }) => name)).toEqual(['br0', 'eth0', 'wlp2s0']);
  expect(links[1]?.addresses).toEqual([{ address: '10.0.0.1', family: 4, prefix: 24 }]);
});

it('tells when a link has other addresses', () => {
  const [before] = linksOf({ eth0: [v4('10.0.0.1/24'), v4('10.0.1.1/24')] });
  const [same] = linksOf({ eth0: [v4('10.0.1.1/24'), v4('10.0.0.1/24')] });
  const [after] = linksOf({ eth0: [v4('10.0.0.2/24')] });
  expect(before && same && linkKey(before) === linkKey(same)).toBe(true);
  expect(before && after && linkKey(before) === linkKey(after)).toBe(false);
});

it('knows what is on a link', () => {
  const onLink = subnetOf({ name: 'eth0', addresses: [{ address: '10.0.0.1', family: 4, prefix: 24 }] });
  expect(['10.0.0.77', 'fe80::1', 'fe80::1%eth0'].map(onLink)).toEqual([true, true, true]);
  expect(['10.0.1.77', '2001:db8::1', 'x', ''].map(onLink)).toEqual([false, false, false, false]);
  expect(isReachable('2001:db8::1', onLink)).toBe(true);
  expect(['::1', '::ffff:10.0.0.7', 'ff02::fb', '172.17.0.1'].some((a) => isReachable(a, onLink))).toBe(
    false,
  );
});
