/** Links that come, go and break while the host is advertised by itself. */
import { beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedAdvertiser } from '../../../src/agent/advertise/embedded.ts';
import type { openResponder } from '../../../src/discovery/mdns/responder.ts';
import type { Link } from '../../../src/discovery/subnet.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import { FakeClock } from '../../discovery/mdns/crafted.ts';
import { fakeLink, LINK } from './fake-link.ts';

const WIFI: Link = { name: 'wlan0', addresses: [{ address: '10.0.0.5', family: 4, prefix: 24 }] };
const publication = { instance: 'alpha 1', hostName: 'alpha', port: 22, txt: [Buffer.from('v=1')] };
const turn = () => new Promise((resolve) => setImmediate(resolve));
const broken = new HotdeskError('mdns-unavailable', 'The socket broke.');

let clock: FakeClock;
let links: Link[];
let sockets: Record<string, ReturnType<typeof fakeLink>>;

beforeEach(() => {
  clock = new FakeClock();
  links = [LINK];
  sockets = { eth0: fakeLink(), wlan0: fakeLink() };
});

const socket = (name: string) => sockets[name] ?? fakeLink();

function advertiser(): EmbeddedAdvertiser {
  const open = ((link, hears) => socket(link.name).open(link, hears)) as typeof openResponder;
  return new EmbeddedAdvertiser({ clock, links: () => links, open });
}

async function pass(ms: number): Promise<void> {
  for (let step = 0; step < ms / 20; step += 1) {
    await turn();
    clock.advance(20);
  }
  await turn();
}

async function started(): Promise<EmbeddedAdvertiser> {
  const advertised = advertiser();
  const starting = advertised.start(publication);
  starting.catch(() => {});
  await pass(700 * links.length);
  await starting;
  return advertised;
}

/** What a link was told last of the TXT and of the host name, without goodbyes. */
function told(name: string) {
  const records = socket(name).sent.flatMap(({ answers }) => answers.filter(({ ttl }) => ttl > 0));
  const last = (type: string) => records.findLast((record) => record.type === type);
  return { txt: String(last('TXT')?.data), host: last('A')?.name };
}

const hear = (name: string, address: string, host = 'alpha.local') =>
  socket(name).hears?.response(
    { answers: [{ type: 'A', class: 'IN', name: host, data: address, ttl: 120, flush: true }] },
    { address, port: 5353 },
  );

describe('a link', () => {
  it('that comes is told, and one that goes is left without a goodbye, which would go nowhere', async () => {
    const advertised = await started();
    links = [LINK, WIFI];
    await pass(3000);
    expect(told('wlan0')).toEqual({ txt: 'v=1', host: 'alpha.local' });
    links = [WIFI];
    await pass(2200);
    expect(socket('eth0')).toMatchObject({ closed: 1 });
    expect(socket('eth0').isFarewell()).toBe(false);
    await advertised.stop();
    expect(socket('wlan0').isFarewell()).toBe(true);
  });

  it('whose address changes is told of the new one on a new socket', async () => {
    const advertised = await started();
    links = [{ name: 'eth0', addresses: [{ address: '10.0.0.9', family: 4, prefix: 24 }] }];
    await pass(3000);
    expect(socket('eth0')).toMatchObject({ opened: 2, closed: 1 });
    expect(JSON.stringify(socket('eth0').sent.at(-1))).toContain('10.0.0.9');
    await advertised.stop();
  });

  it('is told what has changed while its name was asked for', async () => {
    const advertised = await started();
    links = [LINK, WIFI];
    await pass(2100);
    expect(socket('wlan0')).toMatchObject({ opened: 1, sent: [] });
    await advertised.update([Buffer.from('v=2')]);
    await pass(3000);
    expect(told('wlan0').txt).toBe('v=2');
    expect(told('eth0').txt).toBe('v=2');
    await advertised.stop();
  });

  it('is told by the name that was taken meanwhile because of another link', async () => {
    const advertised = await started();
    links = [LINK, WIFI];
    await pass(2100);
    // 10.0.0.1 of ours is the lower address, so we give way.
    hear('eth0', '10.0.0.7');
    await pass(3000);
    expect(told('eth0').host).toBe('alpha-2.local');
    expect(told('wlan0').host).toBe('alpha-2.local');
    await advertised.stop();
  });

  it('whose socket breaks while its name is asked for gets another', async () => {
    const advertised = await started();
    links = [LINK, WIFI];
    await pass(2100);
    socket('wlan0').hears?.failed(broken);
    await pass(6000);
    expect(socket('wlan0')).toMatchObject({ opened: 2, closed: 1 });
    expect(told('wlan0').txt).toBe('v=1');
    await advertised.stop();
    expect(socket('wlan0').closed).toBe(2);
  });

  it('is left alone when a socket breaks that it has no more', async () => {
    const advertised = await started();
    const before = socket('eth0').hears;
    before?.failed(broken);
    await pass(3000);
    expect(socket('eth0').opened).toBe(2);
    before?.failed(broken);
    await pass(3000);
    expect(socket('eth0')).toMatchObject({ opened: 2, closed: 1 });
    await advertised.stop();
  });

  it('that cannot be used keeps no other back', async () => {
    links = [WIFI, LINK];
    socket('wlan0').error = broken;
    const advertised = await started();
    expect(told('eth0').txt).toBe('v=1');
    socket('wlan0').error = undefined;
    await pass(3000);
    expect(told('wlan0').txt).toBe('v=1');
    await advertised.stop();
  });
});

describe('the advertiser', () => {
  it('does not start where no link can be used, and leaves no look behind', async () => {
    socket('eth0').error = broken;
    await expect(started()).rejects.toBe(broken);
    socket('eth0').error = undefined;
    await pass(5000);
    expect(socket('eth0').opened).toBe(0);
  });

  it('says when every link has broken, and goes on looking', async () => {
    const advertised = await started();
    const failures: HotdeskError[] = [];
    advertised.onFailure((error) => failures.push(error));
    socket('eth0').error = broken;
    socket('eth0').hears?.failed(broken);
    await pass(2500);
    expect(failures).toEqual([broken]);
    socket('eth0').error = undefined;
    await pass(3000);
    expect(socket('eth0').opened).toBe(2);
    await advertised.stop();
  });

  it('is silent when it was stopped while a name was asked for', async () => {
    const advertised = advertiser();
    const starting = advertised.start(publication);
    await pass(100);
    const stopping = advertised.stop();
    await pass(3000);
    await Promise.all([starting, stopping]);
    expect(socket('eth0')).toMatchObject({ opened: 1, closed: 1 });
    await pass(5000);
    expect(socket('eth0').opened).toBe(1);
  });

  it('keeps its name against itself on another link, and against whoever has the lower address', async () => {
    links = [LINK, WIFI];
    const advertised = await started();
    await pass(3000);
    hear('eth0', '10.0.0.5');
    hear('eth0', '10.0.0.0');
    await pass(2000);
    expect(told('eth0').host).toBe('alpha.local');
    await advertised.stop();
  });
});
