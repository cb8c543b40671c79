/** Records for tests, and a clock that only moves when told. */
import type { MdnsRecord } from '../../../src/discovery/mdns/packet.ts';
import type { Clock } from '../../../src/kernel/clock.ts';
import { encodeTxt } from '../../../src/protocol/txt.ts';

export interface Crafted {
  readonly name?: string;
  readonly type?: string;
  readonly host?: string;
  readonly address?: string;
  readonly port?: number;
  readonly revision?: number;
  readonly ttl?: number;
  readonly flush?: boolean;
}

/** Everything of one instance, as a good publisher announces it. */
export function announcement(options: Crafted = {}): MdnsRecord[] {
  const { name = 'alpha-1', type = '_hotdesk._tcp', host = 'alpha.local', ttl = 120 } = options;
  const { address = '10.0.0.2', port = 22, revision = 1, flush = true } = options;
  const full = `${name}.${type}.local`;
  const txt = encodeTxt({ hostId: 'ab'.repeat(16), agentId: '0011aabb', revision, sessions: [] });
  const long = ttl === 0 ? 0 : 4500;
  return [
    { type: 'PTR', name: `${type}.local`, target: full, ttl: long, flush: false },
    { type: 'SRV', name: full, target: host, port, ttl, flush },
    { type: 'TXT', name: full, entries: txt, ttl: long, flush },
    { type: 'A', name: host, address, ttl, flush },
  ];
}

/** Time that stands still between calls of `advance`. */
export class FakeClock implements Clock {
  #now = 1_000_000;
  #timers: { at: number; fn: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.#now + ms, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** Lets `ms` pass, calling what falls due in its order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.filter((each) => each.at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.fn();
    }
    this.#now = end;
  }
}
