/** A stranger on the LAN, and a network that fails. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../rigs/lab/lab.ts';
import { until } from '../rigs/until.ts';
import type { PeerOptions } from './rig/messages.ts';
import { buildPeer, keyOf, Peer, publication } from './rig/peers.ts';

const FIND: PeerOptions = { find: { bus: false } };

// Network namespaces are root's.
describe.runIf(process.getuid?.() === 0)('on a LAN with a stranger', () => {
  let lab: Lab;
  let program: Awaited<ReturnType<typeof buildPeer>>;
  let peers: Peer[] = [];
  let strangers: ReturnType<ReturnType<Lab['host']>['spawn']>[] = [];

  beforeAll(async () => {
    program = await buildPeer();
    // The stranger is on 4, Avahi on 2.
    lab = await Lab.up({
      ...{ hosts: 4, avahi: [2], sshd: false, runtimeDir: false },
      net: '10.83.0',
    });
  });
  afterEach(async () => {
    const fatal = peers.map((peer) => peer.fatal);
    await Promise.all(peers.map((peer) => peer.kill()));
    for (const each of strangers) each.kill('SIGKILL');
    await Promise.all(strangers.map((each) => each.result));
    [peers, strangers] = [[], []];
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
  const stranger = (...what: string[]) => {
    const running = lab.host(4).spawn(['node', program.stranger, ...what], { timeoutMs: 120_000 });
    strangers.push(running);
    return running;
  };
  const sees = (finder: Peer, number: number, ms = 5000) =>
    until(`h${number} is seen`, () => finder.seen.get(keyOf(lab.host(number))), ms);
  const resources = (peer: Peer) => peer.ask({ memory: true }, (event) => event.rss !== undefined);

  it('all of 1,000 instances of one source are listed, quickly', async () => {
    const crowd = stranger('crowd', '1000');
    await until('the crowd is there', () => crowd.output().stdout.includes('ready'));
    const since = Date.now();
    const finder = await start(1, FIND);
    await until('1,000', () => finder.seen.size === 1000, 15_000);
    expect(Date.now() - since).toBeLessThan(10_000);
    expect(finder.events.filter((event) => event.lost !== undefined)).toEqual([]);
  });

  it('60,000 fakes cost little memory, no known host, and no new one', async () => {
    const finder = await start(1, FIND);
    await start(3, publication(lab.host(3), false));
    await sees(finder, 3);
    const before = (await resources(finder)).kept ?? Number.NaN;
    const flood = stranger('flood', '60000');
    await flood.result;
    const advertiser = await start(2, publication(lab.host(2), true));
    expect(await advertiser.mode()).toBe('avahi');
    await sees(finder, 2, 10_000);
    const after = (await resources(finder)).kept ?? Number.NaN;
    expect(finder.historyOf(keyOf(lab.host(3)))).toEqual(['found']);
    expect(finder.seen.size).toBeLessThan(1300);
    // What is kept after a collection. The process itself (RSS) grows by more, for a while.
    expect((after - before) / 1e6).toBeLessThan(30);
    const names = [...finder.seen.values()].map(({ name }) => name).join('');
    expect(names).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });

  it('forged goodbyes make nobody flicker, embedded or through Avahi', async () => {
    const finder = await start(1, FIND);
    await start(3, publication(lab.host(3), false));
    await start(2, publication(lab.host(2), true));
    await sees(finder, 3);
    await sees(finder, 2);
    await stranger('goodbye', 'h3-abab-0011', 'h2-abab-0011').result;
    await new Promise((resolve) => setTimeout(resolve, 4000));
    for (const number of [2, 3]) {
      expect(finder.historyOf(keyOf(lab.host(number)))).not.toContain('lost');
      expect(finder.seen.get(keyOf(lab.host(number)))?.advert?.revision).toBe(1);
    }
  });

  it('a packet of many questions draws one answer', async () => {
    await start(3, publication(lab.host(3), false));
    const { stdout } = await stranger('ask', '60', lab.host(3).ip).result;
    const { bytes, packets } = JSON.parse(stdout) as { bytes: number; packets: number };
    expect(packets).toBeGreaterThanOrEqual(1);
    // At most once a second (RFC 6762 §6), in 3 s.
    expect(packets).toBeLessThanOrEqual(4);
    expect(bytes).toBeLessThan(4000);
  });

  it('random, mutated and truncated packets harm nobody', async () => {
    const finder = await start(1, FIND);
    await start(3, publication(lab.host(3), false));
    await sees(finder, 3);
    await stranger('garbage').result;
    expect(finder.historyOf(keyOf(lab.host(3)))).toEqual(['found']);
    const update = {
      update: publication(lab.host(3), false).publish?.txt.map((entry) => entry.replace('rev=1', 'rev=9')),
    };
    peers.at(-1)?.send(update);
    await until('revision 9', () => finder.seen.get(keyOf(lab.host(3)))?.advert?.revision === 9);
  });

  it('a change is seen though its first packets are lost', async () => {
    const finder = await start(1, FIND);
    const own = publication(lab.host(3), false);
    await start(3, own);
    await sees(finder, 3);
    await lab
      .host(1)
      .root([
        'nft',
        'table ip lossy { chain in { type filter hook input priority 0; udp dport 5353 drop; }; }',
      ]);
    try {
      peers.at(-1)?.send({ update: own.publish?.txt.map((entry) => entry.replace('rev=1', 'rev=9')) });
      await new Promise((resolve) => setTimeout(resolve, 2500));
    } finally {
      await lab.host(1).root(['nft', 'delete table ip lossy']);
    }
    expect(finder.seen.get(keyOf(lab.host(3)))?.advert?.revision).toBe(1);
    await until('revision 9', () => finder.seen.get(keyOf(lab.host(3)))?.advert?.revision === 9, 8000);
  });

  it.each([
    [
      'without a route',
      ['ip', 'route', 'flush', 'table', 'main'],
      ['ip', 'route', 'add', '224.0.0.0/4', 'dev', 'eth0'],
    ],
    [
      'forbidden to send',
      ['nft', 'table ip deny { chain out { type filter hook output priority 0; udp dport 5353 drop; }; }'],
      ['nft', 'delete table ip deny'],
    ],
  ])('a host that is %s lives on, and is found when that is over', async (_what, harm, cure) => {
    const own = { ...FIND, ...publication(lab.host(3), false) };
    await lab.host(3).root(harm);
    try {
      const both = await start(3, own);
      both.send({ update: publication(lab.host(3), false).publish?.txt.slice() });
      await new Promise((resolve) => setTimeout(resolve, 2500));
      expect(both.fatal).toBeUndefined();
      const finder = await start(1, FIND);
      await lab.host(3).root(cure);
      if (harm[0] === 'ip') await lab.host(3).root(['ip', 'route', 'add', `${lab.net}.0/24`, 'dev', 'eth0']);
      await sees(finder, 3, 20_000);
    } finally {
      await lab.host(3).root(cure);
    }
  });
});
