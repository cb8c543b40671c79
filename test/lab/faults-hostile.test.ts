/** A machine on the link that advertises what it likes. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultDesk, Faults, failureOf } from '../rigs/lab/faults.ts';
import { until } from '../rigs/until.ts';

/** Run on h3 by its own Node: one UDP socket, packets made by hand (RFC 1035 §4.1), no package needed. */
const STRANGER = `
const { createSocket } = require('node:dgram');
const { readFileSync } = require('node:fs');
const label = (text) => { const b = Buffer.from(text); return Buffer.concat([Buffer.from([b.length]), b]); };
const name = (labels) => Buffer.concat([...labels.map(label), Buffer.from([0])]);
const u16 = (n) => { const b = Buffer.alloc(2); b.writeUInt16BE(n); return b; };
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };
const record = (labels, type, ttl, data) =>
  Buffer.concat([name(labels), u16(type), u16(type === 12 ? 1 : 0x8001), u32(ttl), u16(data.length), data]);
const SERVICE = ['_hotdesk', '_tcp', 'local'];
const instance = ({ name: own, host, address, id, ttl }) => [
  record(SERVICE, 12, ttl, name([own, ...SERVICE])),
  record([own, ...SERVICE], 33, ttl, Buffer.concat([u16(0), u16(0), u16(22), name([host, 'local'])])),
  record([own, ...SERVICE], 16, ttl, Buffer.concat(['v=1', 'id=' + id, 'a=0011aabb', 'rev=9', 'n=7'].map(label))),
  record([host, 'local'], 1, ttl, Buffer.from(address.split('.').map(Number))),
];
const socket = createSocket({ type: 'udp4', reuseAddr: true });
// Prints the name of h2's instance, as anybody on the link can hear it.
const listen = () => {
  socket.addMembership('224.0.0.251');
  socket.on('message', (packet) => {
    const heard = /h2 [0-9a-f]+/.exec(packet.toString('latin1'));
    if (!heard) return;
    console.log(heard[0]);
    process.exit();
  });
  const question = Buffer.concat([u16(0), u16(0), u16(1), u16(0), u16(0), u16(0), name(SERVICE), u16(12), u16(1)]);
  setInterval(() => socket.send(question, 5353, '224.0.0.251'), 200);
};
const packets = process.argv[2] ? JSON.parse(readFileSync(process.argv[2], 'utf8')) : [];
socket.bind(5353, '0.0.0.0', async () => {
  socket.setMulticastTTL(255);
  if (packets.length === 0) return listen();
  for (const instances of packets) {
    const records = instances.flatMap(instance);
    const header = Buffer.concat([u16(0), u16(0x8400), u16(0), u16(records.length), u16(0), u16(0)]);
    await new Promise((sent) => socket.send(Buffer.concat([header, ...records]), 5353, '224.0.0.251', sent));
    await new Promise((next) => setImmediate(next));
  }
  socket.close();
});
`;

interface Instance {
  readonly name: string;
  readonly host: string;
  readonly address: string;
  readonly id: string;
  readonly ttl: number;
}

describe('a stranger on the link', () => {
  let faults: Faults;
  let h1: FaultDesk;
  let h2: FaultDesk;
  let h3: FaultDesk;
  let pids: readonly number[];
  let h2Id: string;

  beforeAll(async () => {
    faults = await Faults.up({ hosts: 3, avahi: [] });
    h1 = faults.desk(1);
    h2 = faults.desk(2);
    h3 = faults.desk(3);
    // h3 is the stranger: no agent of its own, and nobody trusts it under h2's name.
    await h3.ok(['agent', 'stop']);
    await h1.ok(['hosts', 'remove', 'h3']);
    await h2.ok(['hosts', 'remove', 'h3']);
    // h1 knows h2 by its adverts alone.
    await h1.ok(['hosts', 'remove', 'h2']);
    await h1.restart();
    const { status } = await h2.json<{ status: { hostId: string } }>(['agent', 'status']);
    h2Id = status.hostId;
    pids = await Promise.all([h1, h2].map((desk) => desk.agent()));
    await writeFile(path.join(h3.host.home, 'stranger.cjs'), STRANGER);
  });
  afterAll(async () => {
    await faults?.down();
  });

  const says = async (packets: readonly (readonly Instance[])[]) => {
    await writeFile(path.join(h3.host.home, 'packets.json'), JSON.stringify(packets));
    const ran = await h3.host.user(['node', 'stranger.cjs', 'packets.json']);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
  };
  const rowOfH2 = async () => (await h1.hosts()).find(({ name }) => name === 'h2');
  const alive = async () => expect(await Promise.all([h1, h2].map((desk) => desk.agent()))).toEqual(pids);
  /** h2 is meant by its name, and it is h2 that answers. */
  const reachesH2 = async () => {
    await h1.ok(['start', 'h2', '--no-attach', '--', 'xterm']);
    expect(h2.xterms().length).toBe(1);
    expect(h3.xterms()).toEqual([]);
    await h1.ok(['stop', 'xterm@h2', '--yes']);
    await until('it has ended', () => h2.xterms().length === 0);
  };

  it('does not end a host by saying goodbye for it', async () => {
    await until('h2 is met', async () => (await rowOfH2())?.state === 'agent');
    const { stdout } = await h3.host.user(['node', 'stranger.cjs']);
    const instance = stdout.trim();
    expect(instance).toMatch(/^h2 [0-9a-f]{8,}$/u);
    const goodbye = { name: instance, host: 'h2', address: h2.host.ip, id: h2Id, ttl: 0 };
    for (let time = 0; time < 3; time += 1) await says([[goodbye], [goodbye]]);
    expect((await rowOfH2())?.state).toBe('agent');
    await reachesH2();
    // What is connected stays anyway; an agent that starts now finds it all the same.
    await h1.restart();
    pids = await Promise.all([h1, h2].map((desk) => desk.agent()));
    await until('h2 is found', async () => (await rowOfH2())?.state === 'agent');
    await says([[goodbye], [goodbye]]);
    await reachesH2();
    await alive();
  });

  it('does not get the row of a host whose id it claims', async () => {
    await until('h2 is met', async () => (await rowOfH2())?.state === 'agent');
    const address = h3.host.ip;
    await says([
      [{ name: 'h2', host: 'h2', address, id: h2Id, ttl: 120 }],
      [{ name: 'h2 (2)', host: 'stranger', address, id: h2Id, ttl: 120 }],
      [{ name: 'other', host: 'other', address, id: 'f'.repeat(32), ttl: 120 }],
    ]);
    await until('the stranger is seen', async () => (await h1.hosts()).some(({ name }) => name === 'other'));
    expect((await rowOfH2())?.state).toBe('agent');
    await reachesH2();
    // Nor when the connection has to be made anew: it may stand in the way, never in h2's place.
    await h1.restart();
    pids = await Promise.all([h1, h2].map((desk) => desk.agent()));
    await says([[{ name: 'h2', host: 'h2', address, id: h2Id, ttl: 120 }]]);
    const ran = await h1.run(['start', '--json', 'h2', '--no-attach', '--', 'xterm']);
    expect(h3.xterms()).toEqual([]);
    if (ran.code === 0) expect(h2.xterms().length).toBe(1);
    else expect(failureOf(ran.code, ran.stdout).code).toMatch(/^host-key-/u);
    // What the user typed in is not for adverts to change.
    await h1.ok(['hosts', 'add', 'two', '--ssh', h2.host.ip]);
    await until('h2 is met', async () => (await h1.ok(['list', 'two'])).code === 0);
    await faults.stopAll();
    await alive();
  });

  it('cannot write on the terminal, nor fill it', async () => {
    const esc = String.fromCharCode(27);
    const names = [
      `${esc}[2J${esc}]0;x`,
      '\u202egnp.exe',
      'a\nb\r\nc',
      '$(touch /tmp/owned)',
      '-oProxyCommand=x',
      '..',
      '\u0000',
    ];
    await says(
      names.map((name, at) => [
        { name, host: `odd-${at}`, address: h3.host.ip, id: `${at}`.repeat(32), ttl: 120 },
      ]),
    );
    const thousands = Array.from({ length: 5000 }, (_, n) => ({
      name: `flood-${n}`,
      host: `flood-${n}`,
      address: h3.host.ip,
      id: n.toString(16).padStart(32, '0'),
      ttl: 120,
    }));
    await says(Array.from({ length: 1000 }, (_, n) => thousands.slice(n * 5, n * 5 + 5)));
    for (const args of [['list'], ['hosts'], ['hosts', '--json'], ['completion', 'bash']]) {
      const { stdout, stderr, ms } = await h1.ok(args);
      if (args[0] !== 'completion') expect(stdout + stderr).not.toMatch(/[^\P{C}\n]/u);
      expect(ms).toBeLessThan(5000);
    }
    expect((await h1.host.user(['test', '-e', '/tmp/owned'])).code).toBe(1);
    expect((await h1.hosts()).length).toBeLessThan(5000);
    await alive();
    const { status } = await h1.json<{ status: { rssBytes: number } }>(['agent', 'status']);
    expect(status.rssBytes).toBeLessThan(300 * 1024 * 1024);
  });
});
