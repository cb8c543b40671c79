import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordsOf } from '../../../src/discovery/mdns/packet.ts';
import { encodeQuery, type KnownAnswer, type Question } from '../../../src/discovery/mdns/query.ts';

interface Decoded {
  readonly type: string;
  readonly flag_tc: boolean;
  readonly questions: { name: string; type: string }[];
  readonly answers: { name: string; type: string; data: string; ttl: number }[];
}
// The codec below bonjour-service: somebody else's reading of what we write.
const fromBonjour = createRequire(createRequire(import.meta.url).resolve('bonjour-service'));
const codec = createRequire(fromBonjour.resolve('multicast-dns'))('dns-packet') as {
  decode(packet: Buffer): Decoded;
};

const service = ['_hotdesk', '_tcp', 'local'];
const ask = (name: string, type: Question['type'] = 'SRV'): Question => ({
  labels: [name, ...service],
  type,
});
const knows = (name: string): KnownAnswer => ({ labels: service, target: [name, ...service], ttl: 4000 });

describe('queries', () => {
  it('are read by another codec, names compressed', () => {
    const [packet = Buffer.alloc(0), ...more] = encodeQuery(
      [ask('alpha'), ask('beta', 'TXT')],
      [knows('gamma')],
    );
    expect(more).toEqual([]);
    const { questions, answers, flag_tc } = codec.decode(packet);
    expect(questions).toMatchObject([
      { name: 'alpha._hotdesk._tcp.local', type: 'SRV' },
      { name: 'beta._hotdesk._tcp.local', type: 'TXT' },
    ]);
    expect(answers).toMatchObject([{ type: 'PTR', data: 'gamma._hotdesk._tcp.local', ttl: 4000 }]);
    expect(flag_tc).toBe(false);
    expect(packet.length).toBeLessThan(90);
  });

  it('keep a dot within its label', () => {
    const [packet = Buffer.alloc(0)] = encodeQuery([ask('h1 v1.2 (x)')]);
    expect(packet[12]).toBe('h1 v1.2 (x)'.length);
  });

  it('go in as many packets as it takes, the list of known answers marked TC', () => {
    const known = Array.from({ length: 500 }, (_, i) => knows(`instance number ${i}`));
    const packets = encodeQuery([{ labels: service, type: 'PTR' }], known).map((packet) =>
      codec.decode(packet),
    );
    expect(packets.length).toBeGreaterThan(5);
    expect(packets.map(({ flag_tc }) => flag_tc)).toEqual(packets.map((_, i) => i < packets.length - 1));
    expect(packets.map(({ questions }) => questions.length)).toEqual(
      packets.map((_, i) => (i === 0 ? 1 : 0)),
    );
    expect(packets.flatMap(({ answers }) => answers)).toHaveLength(500);
  });

  it('leave out what DNS cannot carry', () => {
    expect(encodeQuery([ask('x'.repeat(64)), ask('')])).toEqual([]);
  });

  it('are right for any names', () => {
    const label = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => {
      const bytes = Buffer.from(text);
      return bytes.length > 0 && bytes.length < 64 && bytes.toString() === text && !text.includes('.');
    });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 60 }), fc.array(label, { maxLength: 60 }), (names, known) => {
        const packets = encodeQuery(
          names.map((name) => ask(name)),
          known.map(knows),
        );
        for (const packet of packets) expect(packet.length).toBeLessThanOrEqual(1400);
        const decoded = packets.map((packet) => codec.decode(packet));
        const questions = decoded.flatMap((packet) => packet.questions.map(({ name }) => name));
        expect(questions).toEqual(names.map((name) => `${name}._hotdesk._tcp.local`));
        if (names.length > 0) expect(decoded.flatMap((packet) => packet.answers)).toHaveLength(known.length);
      }),
      { numRuns: 60 },
    );
  });
});

describe('responses', () => {
  it('of any shape are read without throwing', () => {
    fc.assert(fc.property(fc.anything(), (packet) => void recordsOf(packet)));
    const section = fc.array(
      fc.record({
        name: fc.string(),
        type: fc.constantFrom('PTR', 'SRV', 'TXT', 'A', 'AAAA', 'OPT'),
        ttl: fc.anything(),
        class: fc.constantFrom('IN', 'CH'),
        data: fc.anything(),
      }),
    );
    fc.assert(
      fc.property(section, section, (answers, additionals) => {
        for (const record of recordsOf({ answers, additionals })) expect(typeof record.ttl).toBe('number');
      }),
    );
  });

  it('of any bytes: random, cut short, changed, with pointer loops', () => {
    const [good = Buffer.alloc(0)] = encodeQuery([ask('alpha')], [knows('beta')]);
    const response = Buffer.from(good);
    response.writeUInt16BE(0x8400, 2);
    const read = (bytes: Uint8Array) => {
      let packet: unknown;
      try {
        packet = codec.decode(Buffer.from(bytes));
      } catch {
        return 0;
      }
      return recordsOf(packet).length;
    };
    expect(read(response)).toBe(1);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void read(bytes)));
    fc.assert(fc.property(fc.nat(response.length), (length) => void read(response.subarray(0, length))));
    fc.assert(
      fc.property(fc.nat(response.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(response);
        changed[at] = value;
        read(changed);
      }),
      { numRuns: 1000 },
    );
    const loop = Buffer.concat([
      Buffer.from([0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
      Buffer.from([0xc0, 12, 0, 12]),
    ]);
    expect(read(loop)).toBe(0);
  });
});
