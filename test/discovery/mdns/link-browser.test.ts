import { beforeEach, describe, expect, it } from 'vitest';
import { type Asking, LinkBrowser } from '../../../src/discovery/mdns/link-browser.ts';
import type { MdnsRecord } from '../../../src/discovery/mdns/packet.ts';
import { subnetOf } from '../../../src/discovery/subnet.ts';
import { announcement, type Crafted } from './crafted.ts';

const view = (address: string) => ({
  name: 'eth0',
  onLink: subnetOf({ name: 'eth0', addresses: [{ address, family: 4, prefix: 24 }] }),
});
const ID = '_hotdesk._tcp alpha-1';
let now = 0;
let browser: LinkBrowser;
let asked: { at: number; text: string; known: number }[];

beforeEach(() => {
  now = 1_000_000;
  asked = [];
  browser = new LinkBrowser(view('10.0.0.1'), now, () => 0.5);
});

function note({ questions, known }: Asking): void {
  for (const { type, labels } of questions) {
    asked.push({ at: now, text: `${type} ${labels.join('|')}`, known: known.length });
  }
}

/** Lets time pass, calling tick() when it wants to be; `answer` may react to the questions. */
function run(ms: number, answer?: (asking: Asking) => void): void {
  const end = now + ms;
  for (let i = 0; browser.nextAt <= end; i += 1) {
    if (i > 100_000) throw new Error('tick() asks for no progress');
    now = Math.max(now, browser.nextAt);
    const asking = browser.tick(now);
    note(asking);
    answer?.(asking);
  }
  now = end;
}

const hear = (options: Crafted = {}, source = '10.0.0.2') =>
  browser.receive(announcement(options), source, now);
const only = (...types: MdnsRecord['type'][]) => announcement().filter(({ type }) => types.includes(type));
const asksFor = (type: string) => asked.filter(({ text }) => text.startsWith(`${type} `));

describe('the schedule of queries', () => {
  it('asks after 20 to 120 ms and then at doubling intervals', () => {
    run(20_000);
    const times = asksFor('PTR')
      .filter(({ text }) => text.includes('_hotdesk'))
      .map(({ at }) => at - 1_000_000);
    expect(times).toEqual([70, 1070, 3070, 7070, 15_070]);
    expect(new Set(asked.map(({ text }) => text))).toEqual(
      new Set(['_hotdesk', '_ssh', '_xpra', '_rdp'].map((type) => `PTR ${type}|_tcp|local`)),
    );
  });

  it('says what it knows, while more than half of its time is left', () => {
    run(500);
    hear();
    run(1000);
    expect(asked.at(-1)).toMatchObject({ known: 1 });
    hear({ name: 'beta-1', host: 'beta.local' });
    browser.receive([{ ...only('PTR')[0], ttl: 20 } as MdnsRecord], '10.0.0.2', now);
    asked = [];
    now += 11_000;
    note(browser.tick(now));
    expect(asksFor('PTR')[0]?.known).toBe(1);
  });
});

describe('an instance', () => {
  it('is there with one packet', () => {
    hear();
    expect(browser.takeTouched()).toEqual([ID]);
    expect(browser.view(ID)).toMatchObject({
      ...{ name: 'alpha-1', hostName: 'alpha.local', port: 22 },
      ...{ addresses: [{ address: '10.0.0.2', family: 4 }], advert: { revision: 1 } },
    });
  });

  it('is there, though its name ends with a dot', () => {
    hear({ name: 'Acme Inc.' });
    expect(browser.ids().map((id) => browser.view(id)?.name)).toEqual(['Acme Inc.']);
  });

  it('has what is missing asked for, again when the answer was lost', () => {
    browser.receive(only('PTR'), '10.0.0.2', now);
    expect(browser.view(ID)).toBeUndefined();
    run(1200);
    expect(asksFor('SRV').map(({ text }) => text)).toEqual(Array(2).fill('SRV alpha-1|_hotdesk|_tcp|local'));
    expect(asksFor('TXT')).toHaveLength(2);
    browser.receive(only('SRV', 'TXT'), '10.0.0.2', now);
    run(3000);
    expect(asksFor('A').map(({ text }) => text)).toContain('A alpha|local');
    expect(asksFor('SRV')).toHaveLength(2);
    browser.receive(only('A'), '10.0.0.2', now);
    expect(browser.view(ID)?.addresses).toHaveLength(1);
  });

  it('is forgotten if nobody describes it, and shown without address if only that is missing', () => {
    browser.receive(only('PTR'), '10.0.0.2', now);
    run(5000);
    expect(browser.ids()).toEqual([]);
    browser.receive(only('PTR', 'SRV', 'TXT'), '10.0.0.2', now);
    expect(browser.view(ID)).toBeUndefined();
    run(5000);
    expect(browser.view(ID)).toMatchObject({ hostName: 'alpha.local', addresses: [] });
  });

  it('is kept by refresh queries at 80, 85, 90 and 95 % and gone when they draw nothing', () => {
    hear();
    run(95_000);
    expect(asksFor('SRV')).toEqual([]);
    run(24_900);
    expect(asksFor('SRV').map(({ at }) => Math.round((at - 1_000_000) / 1000))).toEqual([97, 103, 109, 115]);
    expect(browser.view(ID)).toBeDefined();
    run(200);
    expect(browser.view(ID)).toBeUndefined();
    expect(browser.takeTouched()).toContain(ID);
  });

  it('stays as long as it answers', () => {
    hear();
    run(3600_000, ({ questions }) => {
      if (questions.some(({ type }) => type === 'SRV')) browser.receive(only('SRV', 'A'), '10.0.0.2', now);
      if (questions.some(({ type }) => type === 'TXT')) browser.receive(only('TXT'), '10.0.0.2', now);
    });
    expect(browser.view(ID)).toBeDefined();
    run(1000_000, ({ questions }) => {
      if (questions.length > 0) hear();
    });
    expect(browser.view(ID)).toBeDefined();
  });

  it('shows a changed TXT and a changed address, with the flush bit and without', () => {
    hear();
    now += 5000;
    hear({ revision: 2, flush: false, address: '10.0.0.9' });
    expect(browser.view(ID)?.advert?.revision).toBe(2);
    expect(browser.view(ID)?.addresses).toHaveLength(2);
    now += 5000;
    hear({ revision: 3, address: '10.0.0.10' });
    run(1100);
    expect(browser.view(ID)?.addresses).toEqual([{ address: '10.0.0.10', family: 4 }]);
    expect(browser.view(ID)?.advert?.revision).toBe(3);
  });

  it('is told of anew when of two records the one that counted goes', () => {
    hear();
    browser.receive(
      [{ ...only('SRV')[0], port: 2222, ttl: 10, flush: false } as MdnsRecord],
      '10.0.0.66',
      now,
    );
    expect(browser.view(ID)?.port).toBe(2222);
    browser.takeTouched();
    run(10_100);
    expect(browser.view(ID)?.port).toBe(22);
    expect(browser.takeTouched()).toContain(ID);
  });

  it('keeps all addresses that came within a second, flush bit or not (§10.2)', () => {
    hear();
    now += 900;
    hear({ address: '10.0.0.9' });
    run(5000);
    expect(browser.view(ID)?.addresses).toHaveLength(2);
  });

  it.each(['h1 v1.2 (x)', 'Björns Räknare 🖥', 'a\\b', 'x._tcp.local'])('may be called %s', (name) => {
    browser.receive(announcement({ name }).slice(0, 1), '10.0.0.2', now);
    run(200);
    expect(asksFor('SRV')[0]?.text).toBe(`SRV ${name}|_hotdesk|_tcp|local`);
    hear({ name: name.toUpperCase() });
    expect(browser.ids()).toHaveLength(/[ä-ö]/u.test(name) ? 2 : 1);
  });

  it('has none of the addresses that are not of this link', () => {
    const addresses = ['172.17.0.1', '127.0.0.1', '192.168.122.1', '224.0.0.1', '0.0.0.0'];
    hear();
    for (const address of addresses) hear({ address, flush: false });
    for (const address of ['::1', 'ff02::1', 'fe80::5', '2001:db8::5', '::ffff:10.0.0.7']) {
      browser.receive(
        [{ type: 'AAAA', name: 'alpha.local', address, ttl: 120, flush: false }],
        '10.0.0.2',
        now,
      );
    }
    expect(browser.view(ID)?.addresses).toEqual([
      { address: '10.0.0.2', family: 4 },
      { address: 'fe80::5', family: 6, scope: 'eth0' },
      { address: '2001:db8::5', family: 6 },
    ]);
  });

  it.each(['github.com', 'localhost', '-oProxyCommand=x.local', 'a b.local', ''])(
    'is not shown when it points to %j',
    (host) => {
      hear({ host });
      run(6000);
      expect(browser.view(ID)).toBeUndefined();
    },
  );
});

describe('a goodbye', () => {
  it('is held back for a second, asked about, and believed when nobody objects', () => {
    hear();
    now += 10_000;
    browser.takeTouched();
    hear({ ttl: 0 });
    run(950);
    expect(browser.view(ID)).toBeDefined();
    expect(asksFor('SRV').length).toBeGreaterThanOrEqual(2);
    run(100);
    expect(browser.view(ID)).toBeUndefined();
  });

  it('is undone by the service itself, and never shows', () => {
    hear();
    now += 10_000;
    hear({ ttl: 0 });
    let gone = false;
    run(3000, ({ questions }) => {
      if (questions.some(({ type }) => type === 'SRV')) browser.receive(only('SRV'), '10.0.0.2', now);
      gone ||= browser.view(ID) === undefined;
    });
    expect(gone).toBe(false);
    run(60_000);
    expect(browser.view(ID)?.advert).toBeDefined();
  });

  it('of somebody else is a rumour: three tries, and time for a lost packet', () => {
    hear();
    now += 10_000;
    hear({ ttl: 0 }, '10.0.0.66');
    run(2000);
    expect(asksFor('SRV')).toHaveLength(3);
    expect(browser.view(ID)).toBeDefined();
    browser.receive(only('SRV'), '10.0.0.2', now);
    run(5000);
    expect(browser.view(ID)).toBeDefined();
  });
});

describe('suspect', () => {
  it('removes what does not answer three tries, within 3 s', () => {
    hear();
    run(60_000);
    asked = [];
    browser.suspect(ID, now);
    browser.suspect(ID, now);
    run(2500);
    expect(asksFor('SRV')).toHaveLength(3);
    expect(browser.view(ID)).toBeDefined();
    run(500);
    expect(browser.view(ID)).toBeUndefined();
    asked = [];
    run(8000);
    // It may come back without a word.
    expect(asksFor('PTR').filter(({ text }) => text.includes('hotdesk')).length).toBeGreaterThanOrEqual(3);
  });

  it('leaves what answers the last of them', () => {
    hear();
    run(60_000);
    asked = [];
    browser.suspect(ID, now);
    run(5000, () => {
      if (asksFor('SRV').length === 3) browser.receive(only('SRV'), '10.0.0.2', now);
    });
    expect(browser.view(ID)).toBeDefined();
    expect(asksFor('SRV')).toHaveLength(3);
  });
});

it('believes nothing on another network until it is seen there', () => {
  hear();
  run(10_000);
  browser.takeTouched();
  browser.renew(view('192.168.7.1'), now);
  expect(browser.view(ID)?.addresses).toEqual([]);
  run(4000);
  expect(browser.ids()).toEqual([]);
});

it('takes no part of a record that it did not ask for', () => {
  browser.receive(only('SRV', 'TXT', 'A'), '10.0.0.2', now);
  hear({ type: '_printer._tcp' });
  expect(browser.ids()).toEqual([]);
});
