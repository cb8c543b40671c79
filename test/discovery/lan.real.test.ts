/** Finders and advertisers of hotdesk against each other and against Avahi, on a LAN of namespaces. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../rigs/lab/lab.ts';
import { until } from '../rigs/until.ts';
import type { PeerOptions } from './rig/messages.ts';
import { advertTxt, buildPeer, keyOf, Peer, publication } from './rig/peers.ts';

const FIND: PeerOptions = { find: { bus: true } };
const THROUGH_AVAHI: PeerOptions = { find: { bus: true, prefer: 'avahi' } };

// Network namespaces are root's.
describe.runIf(process.getuid?.() === 0)('on a LAN', () => {
  let lab: Lab;
  let program: Awaited<ReturnType<typeof buildPeer>>;
  let peers: Peer[] = [];

  beforeAll(async () => {
    program = await buildPeer();
    // Avahi on 2 and 4 alone.
    lab = await Lab.up({
      ...{ hosts: 4, avahi: [2, 4], sshd: false, runtimeDir: false },
      net: '10.83.0',
    });
  });
  afterEach(async () => {
    const fatal = peers.map((peer) => peer.fatal);
    await Promise.all(peers.map((peer) => peer.kill()));
    peers = [];
    expect(fatal.filter((each) => each !== undefined)).toEqual([]);
  });
  afterAll(async () => {
    await lab?.down();
    program?.remove();
  });

  const start = async (number: number, options: PeerOptions) => {
    const peer = await Peer.start(lab.host(number), program.file, options);
    peers.push(peer);
    return peer;
  };
  const sees = (finder: Peer, number: number, ms = 5000) =>
    until(`h${number} is seen`, () => finder.seen.get(keyOf(lab.host(number))), ms);
  const misses = (finder: Peer, number: number, ms: number) =>
    until(`h${number} is gone`, () => !finder.seen.has(keyOf(lab.host(number))), ms);

  it.each([
    ['by mDNS, an embedded advertiser', FIND, 1, 3, 'embedded'],
    ['by mDNS, one through Avahi', FIND, 1, 2, 'avahi'],
    ['by mDNS beside Avahi, an embedded one', FIND, 4, 3, 'embedded'],
    ['by mDNS beside Avahi, one through Avahi', FIND, 4, 2, 'avahi'],
    ['through Avahi, an embedded one', THROUGH_AVAHI, 4, 3, 'embedded'],
    ['through Avahi, one through Avahi', THROUGH_AVAHI, 4, 2, 'avahi'],
  ])('finds %s; sees its changes and its end', async (_what, how, at, from, mode) => {
    const finder = await start(at, how);
    const host = lab.host(from);
    const advertiser = await start(from, publication(host, true));
    expect(await advertiser.mode()).toBe(mode);
    const sighting = await sees(finder, from);
    expect(sighting).toMatchObject({ name: host.name, hostName: `${host.name}.local`, sshPort: 22 });
    expect(sighting.addresses).toContainEqual({ address: host.ip, family: 4 });
    expect(sighting.services).toEqual(['_hotdesk._tcp']);
    for (const revision of [2, 3]) {
      advertiser.send({ update: advertTxt(revision) });
      await until('the change', () => finder.seen.get(keyOf(host))?.advert?.revision === revision, 6000);
    }
    await advertiser.stop();
    await misses(finder, from, 4000);
    expect(finder.historyOf(keyOf(host)).filter((event) => event === 'lost')).toHaveLength(1);
  });

  it('finds what was there before it', async () => {
    await start(3, publication(lab.host(3), true));
    await start(2, publication(lab.host(2), true));
    const finder = await start(1, FIND);
    await sees(finder, 3);
    await sees(finder, 2);
  });

  it('an embedded host is found as one by avahi-browse, and its goodbye takes nobody else along', async () => {
    const one = await start(3, publication(lab.host(3), true));
    await start(1, publication(lab.host(1), true));
    const browse = async () =>
      (await lab.host(4).root(['avahi-browse', '-rpt', '_hotdesk._tcp'])).stdout
        .split('\n')
        .filter((line) => line.startsWith('=') && line.includes('IPv4'))
        .map((line) => line.split(';').slice(3, 9).join(' '));
    const expected = [1, 3].map(
      (n) => `h${n}-abab-0011 _hotdesk._tcp local h${n}.local ${lab.host(n).ip} 22`,
    );
    // What the test before left in Avahi's cache goes within a second or two.
    await until('h1 and h3', async () => (await browse()).sort().join('\n') === expected.join('\n'));
    await one.stop();
    await until('h3 is gone, h1 is not', async () => {
      const lines = await browse();
      return lines.length === 1 && lines[0]?.startsWith('h1');
    });
  });

  it('finds agentless hosts, once each however many services they have, with odd names', async () => {
    const finder = await start(1, FIND);
    const publish = (name: string, type: string, port: string) =>
      lab.host(2).spawn(['avahi-publish', '-s', name, type, port]);
    const running = [
      publish('h2 v1.2 (x)', '_ssh._tcp', '2222'),
      publish('Björn’s :100 on h2.', '_xpra._tcp', '14500'),
      publish('evil\u001b[2J\u202e', '_xpra._tcp', '14501'),
    ];
    const sighting = await until('ssh and xpra', () => {
      const seen = finder.seen.get('host:h2.local');
      return seen?.services.length === 2 && seen;
    });
    expect(sighting).toMatchObject({ name: 'h2', sshPort: 2222, services: ['_ssh._tcp', '_xpra._tcp'] });
    expect(sighting.advert).toBeUndefined();
    for (const each of running) each.kill('SIGKILL');
    await until('gone', () => finder.seen.size === 0);
  });

  it('removes a killed host within 10 s of a suspicion, and leaves a live one', async () => {
    const finder = await start(1, FIND);
    const victim = await start(3, publication(lab.host(3), true));
    await start(2, publication(lab.host(2), true));
    await sees(finder, 3);
    await sees(finder, 2);
    await victim.kill();
    const since = Date.now();
    for (const number of [2, 3]) finder.send({ suspect: keyOf(lab.host(number)) });
    await misses(finder, 3, 10_000);
    expect(Date.now() - since).toBeLessThan(10_000);
    expect(finder.historyOf(keyOf(lab.host(2)))).toEqual(['found']);
  });

  it('removes a host whose cable was pulled, and finds it again', async () => {
    const finder = await start(1, FIND);
    await start(3, publication(lab.host(3), true));
    await sees(finder, 3);
    await lab.host(3).link('down');
    finder.send({ suspect: keyOf(lab.host(3)) });
    await misses(finder, 3, 10_000);
    await lab.host(3).link('up');
    await sees(finder, 3, 30_000);
  });

  it('drops everybody when its own cable is pulled, and has them back', async () => {
    const finder = await start(1, FIND);
    await start(3, publication(lab.host(3), true));
    await sees(finder, 3);
    await lab.host(1).link('down');
    await misses(finder, 3, 10_000);
    await lab.host(1).link('up');
    await sees(finder, 3, 15_000);
  });

  it('follows a host to its new address', async () => {
    const finder = await start(1, FIND);
    await start(3, publication(lab.host(3), true));
    await sees(finder, 3);
    const addresses = () => finder.seen.get(keyOf(lab.host(3)))?.addresses.map(({ address }) => address);
    await lab.host(3).address('10.83.0.93/24');
    await until('the new address', () => addresses()?.[0] === '10.83.0.93', 15_000);
    await until('the old one gone', () => !addresses()?.includes('10.83.0.3'), 15_000);
    expect(finder.historyOf(keyOf(lab.host(3)))).not.toContain('lost');
    await lab.host(3).address('10.83.0.3/24');
    await until('back', () => addresses()?.join().startsWith('10.83.0.3,'), 15_000);
  });

  it('is one host on two links', async () => {
    await lab.host(1).script('addif');
    await lab.host(3).script('addif');
    try {
      const finder = await start(1, FIND);
      await start(3, publication(lab.host(3), true));
      const both = await until('both addresses', () => {
        const seen = finder.seen.get(keyOf(lab.host(3)));
        return seen && seen.addresses.filter(({ family }) => family === 4).length === 2 && seen;
      });
      const scopes = both.addresses.flatMap(({ scope }) => (scope ? [scope] : []));
      expect([...new Set(scopes)].sort()).toEqual(['eth0', 'eth1']);
      await lab.host(3).script('delif');
      // No goodbye comes through a cable that is gone: somebody has to find out and say so.
      finder.send({ suspect: keyOf(lab.host(3)) });
      await until('one address', () => {
        const list = finder.seen.get(keyOf(lab.host(3)))?.addresses ?? [];
        return list.filter(({ family }) => family === 4).length === 1;
      });
      expect(finder.seen.has(keyOf(lab.host(3)))).toBe(true);
    } finally {
      await lab
        .host(1)
        .script('delif')
        .catch(() => {});
      await lab
        .host(3)
        .script('delif')
        .catch(() => {});
    }
  });

  it('works on a link that has IPv6 alone', async () => {
    for (const number of [1, 3]) {
      await lab.host(number).script('addif');
      await lab.host(number).root(['ip', '-4', 'address', 'flush', 'dev', 'eth1']);
      await lab.host(number).root(['ip', 'link', 'set', 'eth0', 'down']);
    }
    try {
      const finder = await start(1, FIND);
      const advertiser = await start(3, publication(lab.host(3), true));
      const { addresses } = await sees(finder, 3);
      expect(addresses).toMatchObject([{ family: 6, scope: 'eth1' }]);
      advertiser.send({ update: advertTxt(7) });
      await until('revision 7', () => finder.seen.get(keyOf(lab.host(3)))?.advert?.revision === 7);
      await advertiser.stop();
      await misses(finder, 3, 4000);
    } finally {
      for (const number of [1, 3]) {
        await lab.host(number).script('delif');
        await lab.host(number).root(['ip', 'link', 'set', 'eth0', 'up']);
        // The kernel drops the routes of an interface that goes down.
        await lab.host(number).root(['ip', 'route', 'add', '224.0.0.0/4', 'dev', 'eth0']);
      }
    }
  });

  it('changes over when Avahi goes and comes, and nobody sees it go', async () => {
    const finder = await start(1, FIND);
    const advertiser = await start(2, publication(lab.host(2), true));
    expect(await advertiser.mode()).toBe('avahi');
    await sees(finder, 2);
    await lab.host(2).service('avahi', 'stop');
    await until('embedded', async () => (await advertiser.mode()) === 'embedded');
    advertiser.send({ update: advertTxt(5) });
    await until('revision 5', () => finder.seen.get(keyOf(lab.host(2)))?.advert?.revision === 5);
    await lab.host(2).service('avahi', 'start');
    await until('avahi', async () => (await advertiser.mode()) === 'avahi', 20_000);
    advertiser.send({ update: advertTxt(6) });
    await until('revision 6', () => finder.seen.get(keyOf(lab.host(2)))?.advert?.revision === 6);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(finder.historyOf(keyOf(lab.host(2)))).not.toContain('lost');
    expect(finder.seen.get(keyOf(lab.host(2)))?.hostName).toBe('h2.local');
  });

  it('looks through Avahi where that keeps port 5353 to itself, and by itself when it is free', async () => {
    const alone = (value: 'yes' | 'no') => lab.host(4).script('avahi-alone', value);
    await alone('yes');
    await lab.host(4).service('avahi', 'stop');
    await lab.host(4).service('avahi', 'start');
    try {
      const finder = await start(4, FIND);
      await start(3, publication(lab.host(3), true));
      await sees(finder, 3);
      expect(await finder.mode()).toBe('avahi');
      await lab.host(4).service('avahi', 'stop');
      await until('mdns', async () => (await finder.mode()) === 'mdns', 20_000);
      await new Promise((resolve) => setTimeout(resolve, 7000));
      expect(finder.historyOf(keyOf(lab.host(3)))).not.toContain('lost');
      expect(finder.seen.has(keyOf(lab.host(3)))).toBe(true);
    } finally {
      await alone('no');
      await lab.host(4).service('avahi', 'start');
    }
  });

  it('changes from Avahi to its own ears and back, where Avahi is preferred', async () => {
    const finder = await start(4, THROUGH_AVAHI);
    await start(3, publication(lab.host(3), true));
    await sees(finder, 3);
    await lab.host(4).service('avahi', 'stop');
    await until('mdns', async () => (await finder.mode()) === 'mdns', 20_000);
    await lab.host(4).service('avahi', 'start');
    await until('avahi', async () => (await finder.mode()) === 'avahi', 20_000);
    await new Promise((resolve) => setTimeout(resolve, 7000));
    expect(finder.seen.has(keyOf(lab.host(3)))).toBe(true);
    expect(finder.historyOf(keyOf(lab.host(3)))).not.toContain('lost');
    // One name for both: what one found the other can replace.
    expect(new Set(finder.events.flatMap(({ found }) => found?.finder ?? []))).toEqual(new Set(['mdns']));
  });

  it('gives way in the host name, not in the advert, to a host that has it already', async () => {
    const finder = await start(1, FIND);
    const { publish } = publication(lab.host(3), true);
    if (!publish) throw new Error('nothing to publish');
    const resolve = () => lab.host(4).root(['avahi-resolve', '-4', '-n', 'h2.local']);
    await until('h2 has its name from Avahi', async () => (await resolve()).stdout.includes(lab.host(2).ip));
    await start(3, { publish: { ...publish, hostName: 'h2' } });
    await until('another name', () => finder.seen.get(keyOf(lab.host(3)))?.hostName === 'h2-2.local');
    await until('its own address', () => {
      const list = finder.seen.get(keyOf(lab.host(3)))?.addresses ?? [];
      return (
        list
          .filter(({ family }) => family === 4)
          .map(({ address }) => address)
          .join() === lab.host(3).ip
      );
    });
    expect((await resolve()).stdout).toContain(lab.host(2).ip);
  });

  it('says so where the port is held and no Avahi helps, lives on, and works when it is free', async () => {
    const code = "require('dgram').createSocket('udp4').bind(5353, () => console.log('held'))";
    const holder = lab.host(1).spawn(['node', '-e', code]);
    await until('the port is held', () => holder.output().stdout.includes('held'));
    const finder = await start(1, { ...FIND, ...publication(lab.host(1), true) });
    expect(finder.events.map(({ problem }) => problem)).toContain('port-taken');
    expect(await finder.mode()).toBe('none none');
    await start(3, publication(lab.host(3), true));
    holder.kill('SIGKILL');
    await holder.result;
    await sees(finder, 3, 30_000);
    await until('both work', async () => (await finder.mode()) === 'mdns embedded', 30_000);
  });
});
