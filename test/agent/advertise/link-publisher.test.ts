/** What goes out on one link, and when: RFC 6762 §6, §7.2, §8, §10.1. */
import { beforeEach, describe, expect, it } from 'vitest';
import { LinkPublisher } from '../../../src/agent/advertise/link-publisher.ts';
import type { openResponder, WirePacket, WireQuery } from '../../../src/discovery/mdns/responder.ts';
import { FakeClock } from '../../discovery/mdns/crafted.ts';
import { LINK } from './fake-link.ts';

type Hears = Parameters<typeof openResponder>[1];
type Asks = (packet: unknown, sender: { address: string; port: number }) => void;

const publication = { instance: 'alpha 1', hostName: 'alpha', port: 22, txt: [Buffer.from('v=1')] };
const NAME = '_hotdesk._tcp.local';
const FULL = `alpha 1.${NAME}`;
const NEIGHBOUR = { address: '10.0.0.7', port: 5353 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

let clock: FakeClock;
let sent: WirePacket[];
/** When, and what the TXT was then. */
let told: [number, string][];
let probes: WireQuery[];
let hears: Hears | undefined;
let asks: Asks | undefined;
let closed: number;
/** The name that is used after a conflict. */
let otherName: string;
let sendError: Error | undefined;
let troubles: Error[];

beforeEach(() => {
  clock = new FakeClock();
  [sent, told, probes, troubles] = [[], [], [], []];
  [hears, asks, sendError] = [undefined, undefined, undefined];
  closed = 0;
  otherName = 'alpha-2.local';
});

const open = (async (_link, events) => {
  hears = events;
  return {
    bonjour: {
      server: {
        mdns: {
          on: (event: string, listener: Asks) => {
            if (event === 'query') asks = listener;
          },
          removeAllListeners: () => {},
          query: (packet: WireQuery, done: (error?: Error) => void) => {
            probes.push(packet);
            done(sendError);
          },
          respond: (packet: WirePacket, done: (error?: Error) => void) => {
            sent.push(packet);
            const txt = packet.answers.find(({ type }) => type === 'TXT');
            if (txt) told.push([clock.now(), String(txt.data)]);
            done(sendError);
          },
        },
      },
      destroy: () => {},
    },
    send: () => {},
    close: async () => {
      closed += 1;
    },
  };
}) as typeof openResponder;

function publisher(): LinkPublisher {
  return new LinkPublisher(LINK, publication, 'alpha.local', clock, {
    conflict: () => otherName,
    trouble: (error) => troubles.push(error),
    failed: () => {},
  });
}

async function pass(ms: number): Promise<void> {
  for (let step = 0; step < ms / 20; step += 1) {
    await turn();
    clock.advance(20);
  }
  await turn();
}

/** Probed, and announced as often as that is done; nothing is kept of it. */
async function announced(): Promise<LinkPublisher> {
  const made = publisher();
  const starting = made.start(open);
  await pass(2000);
  await starting;
  await pass(8000);
  sent.length = 0;
  return made;
}

const typesOf = (packets: readonly WirePacket[]) =>
  packets.map(({ answers }) => answers.map(({ type, ttl }) => (ttl === 0 ? `-${type}` : type)).join(' '));
const ask = (question: object, part: object = {}, sender = NEIGHBOUR) =>
  asks?.({ questions: [{ name: NAME, type: 'PTR', ...question }], answers: [], ...part }, sender);
const say = (record: object, sender = NEIGHBOUR) =>
  hears?.response({ answers: [{ class: 'IN', ttl: 120, ...record }] }, sender);

describe('the start', () => {
  it('asks for its name three times before it says anything, then says all of it four times', async () => {
    const made = publisher();
    const starting = made.start(open);
    await pass(500);
    expect(sent).toEqual([]);
    await pass(200);
    await starting;
    expect(probes.map(({ questions }) => questions[0])).toEqual(
      Array.from({ length: 3 }, () => ({ name: 'alpha.local', type: 'ANY' })),
    );
    expect(probes[0]?.authorities).toMatchObject([{ type: 'A', data: '10.0.0.1', flush: false }]);
    expect(typesOf(sent)).toEqual(['PTR SRV TXT A PTR']);
    await pass(1100);
    expect(typesOf(sent)).toEqual(['PTR SRV TXT A PTR', 'PTR SRV TXT A PTR']);
    await pass(20_000);
    expect(typesOf(sent)).toEqual(Array.from({ length: 4 }, () => 'PTR SRV TXT A PTR'));
    await made.stop(true);
  });

  it('takes another name where somebody has this one, and asks for that anew', async () => {
    const made = publisher();
    const starting = made.start(open);
    await pass(100);
    say({ type: 'A', name: 'ALPHA.local', data: '10.0.0.7' });
    await pass(2000);
    await starting;
    expect(probes.at(-1)?.questions[0]?.name).toBe('alpha-2.local');
    expect(sent[0]?.answers.find(({ type }) => type === 'A')?.name).toBe('alpha-2.local');
    await made.stop(true);
  });

  it('goes on though nothing can be sent just now', async () => {
    sendError = new Error('ENETUNREACH');
    const made = await announced();
    expect(troubles.length).toBeGreaterThan(3);
    await made.stop(true);
    expect(closed).toBe(1);
  });
});

describe('a question', () => {
  it('is answered after a moment, and not twice within a second', async () => {
    const made = await announced();
    ask({});
    expect(sent).toEqual([]);
    await pass(140);
    expect(typesOf(sent)).toEqual(['PTR']);
    ask({});
    await pass(150);
    ask({});
    await pass(150);
    expect(sent).toHaveLength(1);
    await pass(2000);
    expect(sent).toHaveLength(2);
    await made.stop(true);
  });

  it('from another network is not heard', async () => {
    const made = await announced();
    ask({}, {}, { address: '192.0.2.1', port: 5353 });
    await pass(500);
    expect(sent).toEqual([]);
    await made.stop(true);
  });

  it('whose asker has the answer draws none, also where that comes in a packet of its own', async () => {
    const made = await announced();
    const known = [{ name: NAME, type: 'PTR', data: FULL, ttl: 4500 }];
    ask({}, { answers: known });
    await pass(500);
    expect(sent).toEqual([]);
    ask({}, { flag_tc: true });
    await pass(200);
    asks?.({ questions: [], answers: known }, NEIGHBOUR);
    await pass(500);
    expect(sent).toEqual([]);
    await made.stop(true);
  });

  it('that was answered by what has changed meanwhile is answered by nothing old', async () => {
    const made = await announced();
    ask({ name: FULL, type: 'TXT' }, { flag_tc: true });
    await made.change({ ...publication, txt: [Buffer.from('v=2')] }, 'alpha.local');
    await pass(2500);
    const texts = sent.flatMap(({ answers }) => answers.filter(({ type }) => type === 'TXT'));
    expect(new Set(texts.map(({ data }) => String(data)))).toEqual(new Set(['v=2']));
    await made.stop(true);
  });

  it('by which somebody wants the name is answered at once, however lately it was said', async () => {
    const made = await announced();
    const probe = { authorities: [{ name: 'alpha.local', type: 'A', data: '10.0.0.7', ttl: 120 }] };
    for (let n = 1; n <= 2; n += 1) {
      ask({ name: 'alpha.local', type: 'ANY' }, probe);
      expect(typesOf(sent)).toEqual(Array.from({ length: n }, () => 'A'));
    }
    await made.stop(true);
  });
});

describe('a goodbye', () => {
  const forged = { type: 'PTR', name: NAME, data: FULL, ttl: 0 };

  it('that somebody says for this host is answered by all of it, ten times a second at most', async () => {
    const made = await announced();
    say(forged);
    say(forged);
    expect(typesOf(sent)).toEqual(['PTR SRV TXT A PTR']);
    await pass(120);
    say({ type: 'SRV', name: FULL.toUpperCase(), data: { target: 'x', port: 1 }, ttl: 0 });
    expect(sent).toHaveLength(2);
    await made.stop(true);
  });

  it('from afar, from another port, or of another host is not', async () => {
    const made = await announced();
    say(forged, { address: '192.0.2.1', port: 5353 });
    say(forged, { ...NEIGHBOUR, port: 5354 });
    say({ ...forged, data: `beta 1.${NAME}` });
    expect(sent).toEqual([]);
    await made.stop(true);
  });

  it('is said for its own records alone, and for none where the name goes on', async () => {
    const leaving = await announced();
    await leaving.stop(true);
    // Not for the enumeration: that is everybody's.
    expect(typesOf(sent)).toEqual(['-PTR -SRV -TXT -A']);
    expect(closed).toBe(1);
    const moving = await announced();
    await moving.stop(false);
    expect(sent).toEqual([]);
    expect(closed).toBe(2);
  });

  it('is not said for what was never announced: that may be another one', async () => {
    const made = publisher();
    const starting = made.start(open);
    await pass(200);
    await made.stop(true);
    expect(sent).toEqual([]);
    await pass(2000);
    await starting;
    expect(sent).toEqual([]);
  });

  it('is the last that is said', async () => {
    const made = await announced();
    ask({});
    await made.change({ ...publication, txt: [Buffer.from('v=2')] }, 'alpha.local');
    await made.stop(true);
    const before = sent.length;
    await pass(3000);
    expect(sent).toHaveLength(before);
  });
});

describe('a change', () => {
  const text = (value: string) => ({ ...publication, txt: [Buffer.from(value)] });
  /** What the TXT is said to be, and how long after `since`, in ms. */
  const toldAfter = (since: number) =>
    told.filter(([at]) => at >= since).map(([at, value]) => [at - since, value]);

  it('is said four times in seven seconds, of what has changed alone', async () => {
    const made = await announced();
    const since = clock.now();
    await made.change(text('v=2'), 'alpha.local');
    await pass(1100);
    expect(typesOf(sent)).toEqual(['TXT', 'TXT']);
    await made.change(text('v=2'), 'alpha.local');
    expect(sent).toHaveLength(2);
    await pass(20_000);
    expect(toldAfter(since)).toEqual([0, 1000, 3000, 7000].map((ms) => [ms, 'v=2']));
    expect(sent).toHaveLength(4);
    await made.stop(true);
  });

  it('takes the place of the one before: many draw a packet each, and the last its repeats', async () => {
    const made = await announced();
    const since = clock.now();
    for (const value of ['v=2', 'v=3', 'v=2', 'v=3', 'v=4']) {
      await made.change(text(value), 'alpha.local');
      await pass(900);
    }
    await pass(20_000);
    const changes = ['v=2', 'v=3', 'v=2', 'v=3', 'v=4'].map((value, n) => [n * 900, value]);
    expect(toldAfter(since)).toEqual([...changes, [4600, 'v=4'], [6600, 'v=4'], [10_600, 'v=4']]);
    await made.stop(true);
  });

  it('of the host name takes the old one back', async () => {
    const made = await announced();
    await made.change(publication, 'alpha-2.local');
    expect(typesOf(sent.slice(0, 2))).toEqual(['-A', 'SRV A']);
    expect(sent[0]?.answers[0]?.name).toBe('alpha.local');
    await made.stop(true);
  });
});
