import { beforeEach, describe, expect, it } from 'vitest';
import { AvahiAdvertiser } from '../../../src/agent/advertise/avahi.ts';
import { AvahiDaemon } from '../../../src/discovery/avahi/daemon.ts';
import type { HotdeskError } from '../../../src/kernel/errors.ts';
import { silentLogger } from '../../../src/kernel/log.ts';
import { FakeClock } from '../../discovery/mdns/crafted.ts';
import { fakeAvahi, STATE } from './fake-avahi.ts';

const publication = { instance: 'alpha 1', hostName: 'alpha', port: 22, txt: [Buffer.from('v=1')] };
const txt = (text: string) => [Buffer.from(text)];
const turn = () => new Promise((resolve) => setImmediate(resolve));

let clock: FakeClock;
let avahi: ReturnType<typeof fakeAvahi>;
let advertiser: AvahiAdvertiser;
let failures: HotdeskError[];

beforeEach(async () => {
  clock = new FakeClock();
  avahi = fakeAvahi();
  failures = [];
  const daemon = new AvahiDaemon({ open: avahi.open, clock, log: silentLogger });
  await daemon.start();
  advertiser = new AvahiAdvertiser(daemon, clock);
  advertiser.onFailure((error) => failures.push(error));
});

const start = () => advertiser.start(publication).catch((error: HotdeskError) => error);

describe('an advert through Avahi', () => {
  it('is a group with one service, and there when the daemon says so', async () => {
    avahi.outcome = undefined;
    let isThere = false;
    const starting = advertiser.start(publication).then(() => {
      isThere = true;
    });
    await turn();
    avahi.state(STATE.registering);
    avahi.state(STATE.established, '/Client0/EntryGroup9');
    avahi.state(STATE.established, avahi.group, ':1.99');
    await turn();
    expect(isThere).toBe(false);
    avahi.state(STATE.established);
    await starting;
    expect(avahi.members()).toEqual(['EntryGroupNew', 'AddService', 'Commit']);
    expect(avahi.called[1]?.body.slice(3)).toEqual(['alpha 1', '_hotdesk._tcp', '', '', 22, publication.txt]);
  });

  it.each([
    [STATE.collision, 'name taken'],
    [STATE.failure, 'could not publish'],
  ])('that comes to state %d is withdrawn, and says why', async (state, why) => {
    avahi.outcome = state;
    expect(await start()).toMatchObject({
      code: 'mdns-unavailable',
      message: expect.stringContaining(why),
    });
    expect(avahi.members().at(-1)).toBe('Free');
    expect(failures).toEqual([]);
  });

  it('is seen to fail before its path is known here', async () => {
    avahi.outcome = undefined;
    avahi.early = STATE.failure;
    expect(await start()).toMatchObject({ message: expect.stringContaining('could not publish') });
  });

  it('is not waited for longer than a busy daemon takes', async () => {
    avahi.outcome = undefined;
    const started = start();
    await turn();
    clock.advance(7999);
    avahi.state(STATE.registering);
    clock.advance(1);
    expect(await started).toMatchObject({ message: expect.stringContaining('in time') });
    expect(avahi.members().at(-1)).toBe('Free');
  });

  it('that the daemon takes back later has failed', async () => {
    await start();
    avahi.state(STATE.established);
    expect(failures).toEqual([]);
    avahi.state(STATE.collision);
    expect(failures).toMatchObject([{ message: expect.stringContaining('withdrew') }]);
  });

  it('changes at most once a second, to what was said last', async () => {
    await start();
    void advertiser.update(txt('v=2'));
    void advertiser.update(txt('v=3'));
    void advertiser.update(txt('v=4'));
    await turn();
    const told = () =>
      avahi.called.filter(({ member }) => member === 'UpdateServiceTxt').map(({ body }) => body[6]);
    expect(told()).toEqual([txt('v=2')]);
    clock.advance(1000);
    await turn();
    expect(told()).toEqual([txt('v=2'), txt('v=4')]);
  });

  it('is gone when it is stopped: nothing is said any more, and no state is heard', async () => {
    await start();
    void advertiser.update(txt('v=2'));
    void advertiser.update(txt('v=3'));
    await advertiser.stop();
    clock.advance(5000);
    await advertiser.update(txt('v=4'));
    avahi.state(STATE.failure);
    await turn();
    expect(avahi.members().slice(3)).toEqual(['UpdateServiceTxt', 'Free']);
    expect(failures).toEqual([]);
  });

  it('is not asked for where it would not fit', async () => {
    await expect(advertiser.start({ ...publication, port: 0 })).rejects.toMatchObject({
      code: 'bad-argument',
    });
    await start();
    await expect(advertiser.update(txt('x'.repeat(300)))).rejects.toMatchObject({ code: 'bad-argument' });
    expect(avahi.members()).toEqual(['EntryGroupNew', 'AddService', 'Commit']);
  });
});
