/** A `Wire` that holds everything the other side sends against the schemas. */
import type { Duplex } from 'node:stream';
import { strictChecks } from './checks.ts';
import { type CallerRole, Wire } from './wire.ts';

export type { CallOptions } from './wire.ts';

export class Caller extends Wire {
  /**
   * Shakes hands over `stream`.
   * @throws HotdeskError `agent-version`, `protocol-error`, `connection-lost`, `timeout`
   */
  static async open(stream: Duplex, me: CallerRole, timeoutMs = 5000): Promise<Caller> {
    const caller = new Caller(stream, strictChecks);
    await caller.greet(me, timeoutMs);
    return caller;
  }
}
