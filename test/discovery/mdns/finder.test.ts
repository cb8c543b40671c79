/** Time and the finder. With real sockets: test/discovery/lan.real.test.ts. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MdnsFinder } from '../../../src/discovery/mdns/finder.ts';
import type { Responder } from '../../../src/discovery/mdns/responder.ts';
import { FakeClock } from './crafted.ts';

/** Time that can be set back while its timers run on. */
class SetClock extends FakeClock {
  offset = 0;
  override now(): number {
    return super.now() + this.offset;
  }
}

let clock: SetClock;
let finder: MdnsFinder;
let sent: number[] = [];
beforeEach(async () => {
  clock = new SetClock();
  sent = [];
  finder = new MdnsFinder({
    clock,
    pollMs: 1e9,
    links: () => [{ name: 'eth0', addresses: [{ address: '10.0.0.1', family: 4, prefix: 24 }] }],
    open: async () =>
      ({ send: () => void sent.push(clock.now()), close: async () => {} }) as unknown as Responder,
  });
  await finder.start({ found: () => {}, lost: () => {}, problem: () => {} });
});
afterEach(() => finder.stop());

test('a clock that is set back by hours keeps it from asking for a minute at most', () => {
  clock.advance(20_000);
  expect(sent.length).toBeGreaterThanOrEqual(5);
  clock.offset = -7_200_000;
  sent = [];
  clock.advance(180_000);
  expect(sent.length).toBeGreaterThanOrEqual(2);
});
