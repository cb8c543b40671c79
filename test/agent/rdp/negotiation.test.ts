import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NEGOTIATION_REQUEST, readNegotiation } from '../../../src/agent/rdp/negotiation.ts';

/** As [MS-RDPBCGR] §4.1.2 prints one, but for what was chosen. */
const confirm = (type: number, value: number) =>
  Uint8Array.from([3, 0, 0, 0x13, 0x0e, 0xd0, 0, 0, 0x12, 0x34, 0, type, 0, 8, 0, value, 0, 0, 0]);

describe('the first words of RDP', () => {
  it('ask for TLS and NLA as long as they say that they are', () => {
    expect(NEGOTIATION_REQUEST).toHaveLength(NEGOTIATION_REQUEST[3] ?? 0);
    expect([...NEGOTIATION_REQUEST.slice(15)]).toEqual([3, 0, 0, 0]);
  });

  it.each([
    [confirm(2, 1), 'tls'],
    [confirm(2, 2), 'nla'],
    [confirm(2, 0), 'plain'],
    [confirm(3, 2), 'refused'],
    [confirm(2, 8), 'not-rdp'],
    [confirm(7, 1), 'not-rdp'],
    // An old server, which knows of no negotiation.
    [Uint8Array.from([3, 0, 0, 11, 6, 0xd0, 0, 0, 0, 0, 0]), 'plain'],
    [Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), 'not-rdp'],
    [Buffer.from('HTTP/1.1 400\r\n'), 'not-rdp'],
    [Uint8Array.from([3, 0, 0xff, 0xff]), 'not-rdp'],
    [Uint8Array.from([3, 0, 0, 4]), 'not-rdp'],
    [Uint8Array.from([3, 0, 0, 11, 6, 0x80, 0, 0, 0, 0, 0]), 'not-rdp'],
  ])('%#: the answer is read', (bytes, said) => {
    expect(readNegotiation(bytes)).toBe(said);
  });

  it('wait for the whole of an answer, and never for more than it can be', () => {
    const whole = confirm(2, 2);
    for (let n = 0; n < whole.length; n += 1) expect(readNegotiation(whole.subarray(0, n))).toBe('more');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 512, maxLength: 600 }), (bytes) => {
        expect(readNegotiation(bytes)).not.toBe('more');
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(['tls', 'nla', 'plain', 'refused', 'more', 'not-rdp']).toContain(readNegotiation(bytes));
      }),
    );
  });
});
