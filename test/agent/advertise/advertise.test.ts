import { beforeEach, describe, expect, it } from 'vitest';
import { createAdvertiser, type HostAdvertiser } from '../../../src/agent/advertise/advertise.ts';
import { FakeClock } from '../../discovery/mdns/crafted.ts';
import { fakeAvahi, STATE } from './fake-avahi.ts';
import { fakeLink, LINK } from './fake-link.ts';

const publication = { instance: 'alpha 1', hostName: 'alpha', port: 22, txt: [Buffer.from('v=1')] };
const turn = () => new Promise((resolve) => setImmediate(resolve));

let clock: FakeClock;
let link: ReturnType<typeof fakeLink>;

beforeEach(() => {
  clock = new FakeClock();
  link = fakeLink();
});

function advertise(avahi?: ReturnType<typeof fakeAvahi>): HostAdvertiser {
  const embedded = { links: () => [LINK], open: link.open };
  return createAdvertiser({ clock, embedded, ...(avahi ? { bus: avahi.open } : {}) });
}

/** Lets less than a second pass, in which a name is probed and announced. */
async function soon(): Promise<void> {
  for (let step = 0; step < 9; step += 1) {
    await turn();
    clock.advance(100);
  }
  await turn();
}

async function started(avahi?: ReturnType<typeof fakeAvahi>): Promise<HostAdvertiser> {
  const advertiser = advertise(avahi);
  const starting = advertiser.start(publication);
  await soon();
  await starting;
  return advertiser;
}

describe('without Avahi', () => {
  it('is published by itself, and says goodbye', async () => {
    const advertiser = await started();
    expect(advertiser).toMatchObject({ mode: 'embedded', avahi: false, problem: undefined });
    expect(link.isFarewell()).toBe(false);
    await advertiser.stop();
    expect(link.isFarewell()).toBe(true);
    expect(advertiser.mode).toBe('none');
    expect(link.closed).toBe(1);
  });

  it('is tried again where no link can be used', async () => {
    link.error = new Error('no route');
    const advertiser = await started();
    expect(advertiser).toMatchObject({ mode: 'none', problem: { code: 'mdns-unavailable' } });
    link.error = undefined;
    for (let s = 0; s < 11; s += 1) await soon();
    expect(advertiser).toMatchObject({ mode: 'embedded', problem: undefined });
    await advertiser.stop();
  });

  it('is tried no more when it was stopped', async () => {
    link.error = new Error('no route');
    const advertiser = await started();
    await advertiser.stop();
    link.error = undefined;
    for (let s = 0; s < 11; s += 1) await soon();
    expect(link.opened).toBe(0);
  });

  it('refuses what cannot be advertised', async () => {
    await expect(advertise().start({ ...publication, port: 0 })).rejects.toMatchObject({
      code: 'bad-argument',
    });
  });
});

describe('where Avahi runs', () => {
  it('is published through it alone', async () => {
    const avahi = fakeAvahi();
    const advertiser = await started(avahi);
    expect(advertiser).toMatchObject({ mode: 'avahi', avahi: true, problem: undefined });
    expect(link.opened).toBe(0);
    await advertiser.update([Buffer.from('v=2')]);
    expect(avahi.called.at(-1)).toMatchObject({ member: 'UpdateServiceTxt', path: avahi.group });
    await advertiser.stop();
    expect(avahi.members().at(-1)).toBe('Free');
  });

  it('is published by itself as long as Avahi refuses, which is said and tried again', async () => {
    const avahi = fakeAvahi();
    avahi.outcome = STATE.failure;
    const advertiser = await started(avahi);
    expect(advertiser).toMatchObject({ mode: 'embedded', problem: { code: 'mdns-unavailable' } });
    avahi.outcome = STATE.established;
    for (let s = 0; s < 11; s += 1) await soon();
    expect(advertiser).toMatchObject({ mode: 'avahi', problem: undefined });
    expect(link.closed).toBe(1);
    expect(link.isFarewell()).toBe(false);
    await advertiser.stop();
  });

  it('goes back to it where it took the advert back', async () => {
    const avahi = fakeAvahi();
    const advertiser = await started(avahi);
    const [first] = avahi.called.filter(({ member }) => member === 'Commit');
    avahi.state(STATE.collision);
    await soon();
    expect(advertiser.mode).toBe('avahi');
    expect(avahi.called).toContainEqual({ member: 'Free', path: first?.path, body: [] });
    expect(avahi.members().filter((member) => member === 'Commit')).toHaveLength(2);
    await advertiser.stop();
  });
});

describe('when Avahi', () => {
  it('comes, it takes over without a goodbye, with what is advertised now', async () => {
    const avahi = fakeAvahi(false);
    const advertiser = await started(avahi);
    expect(advertiser.mode).toBe('embedded');
    const now = [Buffer.from('v=2')];
    await advertiser.update(now);
    avahi.owned(':1.8');
    await soon();
    expect(advertiser).toMatchObject({ mode: 'avahi', avahi: true });
    expect(avahi.called.find(({ member }) => member === 'AddService')?.body.at(-1)).toEqual(now);
    expect(link.closed).toBe(1);
    expect(link.isFarewell()).toBe(false);
    await advertiser.stop();
  });

  it('goes, the host is published by itself', async () => {
    const avahi = fakeAvahi();
    const advertiser = await started(avahi);
    avahi.owned('');
    expect(advertiser.mode).toBe('none');
    await soon();
    expect(advertiser).toMatchObject({ mode: 'embedded', avahi: false, problem: undefined });
    await advertiser.stop();
    expect(link.isFarewell()).toBe(true);
  });

  it('is another one from one moment to the next, it is told anew', async () => {
    const avahi = fakeAvahi();
    const advertiser = await started(avahi);
    avahi.owned(':1.8');
    await soon();
    expect(advertiser.mode).toBe('avahi');
    expect(avahi.members().filter((member) => member === 'Commit')).toHaveLength(2);
    await advertiser.stop();
  });
});
