import { type CipherGCMTypes, createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GcmCipher, GcmDecipher, isGcm } from '../../../src/ssh/wire/gcm.ts';
import {
  MAX_LENGTH,
  type OnPayload,
  type PacketCipher,
  type PacketDecipher,
} from '../../../src/ssh/wire/wire.ts';
import { type Maker, theirCipher, theirDecipher, theirs } from './theirs.ts';

const TAG = 16;

interface Secret {
  readonly name: CipherGCMTypes;
  readonly key: Buffer;
  readonly iv: Buffer;
  readonly seqno: number;
  /** From which small packet on OpenSSL is not asked. */
  readonly first: number;
}

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((b) => Buffer.from(b));
const secrets: fc.Arbitrary<Secret> = fc
  .constantFrom(['aes-128-gcm', 16] as const, ['aes-256-gcm', 32] as const)
  .chain(([name, keyLength]) =>
    fc.record({
      name: fc.constant(name),
      key: bytes(keyLength),
      // The counter is about to be carried, in one of two.
      iv: fc.tuple(bytes(12), fc.constantFrom(0, 1, 3, 8)).map(([iv, ones]) => {
        const near = Buffer.from(iv);
        if (ones > 0) near.fill(0xff, 12 - ones).writeUInt8(0xfe, 11);
        return near;
      }),
      seqno: fc.constantFrom(0, 3, 2 ** 32 - 2),
      first: fc.constantFrom(0, 5, 1000),
    }),
  );
/** Lengths that OpenSSL has, lengths that it has not, and those between. */
const length = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 40, max: 80 }), fc.constant(700));
const payloads = fc.array(
  fc.tuple(length, fc.nat(255)).map(([bytes, fill]) => Buffer.alloc(bytes, fill)),
  { minLength: 1, maxLength: 50, size: 'max' },
);
const makers: readonly Maker[] = theirs.bindingAvailable ? ['native', 'addon'] : ['native'];
const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 40, size: 'max' });

const infoOf = (name: CipherGCMTypes) => {
  const info = theirs.CIPHER_INFO[name.replace('-', '').replace('-gcm', '-gcm@openssh.com')];
  if (!info) throw new Error(name);
  return info;
};
const outbound = ({ name, key, iv, seqno }: Secret, sent: Buffer[]) => ({
  seqno,
  onWrite: (piece: Uint8Array) => void sent.push(Buffer.from(piece)),
  cipherInfo: infoOf(name),
  cipherKey: key,
  cipherIV: Buffer.from(iv),
});
const inbound = ({ name, key, iv, seqno }: Secret, onPayload: OnPayload) => ({
  seqno,
  onPayload,
  decipherInfo: infoOf(name),
  decipherKey: key,
  decipherIV: Buffer.from(iv),
});
const ourCipher = (secret: Secret, sent: Buffer[]) =>
  new GcmCipher(secret.name, outbound(secret, sent), secret.first);
const ourDecipher = (secret: Secret, onPayload: OnPayload) =>
  new GcmDecipher(secret.name, inbound(secret, onPayload), secret.first);

function send(cipher: PacketCipher, payload: Buffer): void {
  const packet = cipher.allocPacket(payload.length);
  payload.copy(packet, 5);
  cipher.encrypt(packet);
}

/** Gives `stream` to `decipher` in pieces of these sizes, over and over. */
function feed(decipher: PacketDecipher, stream: Buffer, sizes: readonly number[]): void {
  for (let at = 0, i = 0; at < stream.length; i += 1) {
    const end = Math.min(stream.length, at + (sizes[i % sizes.length] ?? 1));
    // A piece need not begin or end where its buffer does.
    const around = Buffer.concat([Buffer.from('#'), stream.subarray(at, end), Buffer.from('##')]);
    if (decipher.decrypt(around, 1, 1 + end - at) !== undefined) throw new Error('It stopped reading.');
    at = end;
  }
}

const hex = (packets: readonly Buffer[]) => packets.map((packet) => packet.toString('hex')).join(' ');

const collect =
  (into: Buffer[]): OnPayload =>
  (payload) => {
    into.push(Buffer.from(payload));
    return undefined;
  };

/** A packet with any length field, padding length and body, and the tag that belongs to it. */
function forge({ name, key, iv }: Secret, length: number, body: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(length);
  const cipher = createCipheriv(name, key, iv);
  cipher.setAAD(head);
  const encrypted = Buffer.concat([cipher.update(body), cipher.final()]);
  return Buffer.concat([head, encrypted, cipher.getAuthTag()]);
}

const SECRET: Secret = {
  name: 'aes-128-gcm',
  key: Buffer.alloc(16, 7),
  iv: Buffer.alloc(12, 9),
  seqno: 0,
  first: 0,
};

describe.each(makers)("ssh2's own (%s)", (maker) => {
  test('reads what ours writes', () => {
    fc.assert(
      fc.property(secrets, payloads, cuts, (secret, sent, sizes) => {
        const wire: Buffer[] = [];
        const cipher = ourCipher(secret, wire);
        for (const payload of sent) send(cipher, payload);
        expect(wire.length, 'one write a packet').toBe(sent.length);
        const got: Buffer[] = [];
        feed(theirDecipher(inbound(secret, collect(got)), maker), Buffer.concat(wire), sizes);
        expect(hex(got)).toBe(hex(sent));
        expect(cipher.outSeqno).toBe((secret.seqno + sent.length) % 2 ** 32);
      }),
    );
  });

  test('writes what ours reads', () => {
    fc.assert(
      fc.property(secrets, payloads, cuts, (secret, sent, sizes) => {
        const wire: Buffer[] = [];
        const cipher = theirCipher(outbound(secret, wire), maker);
        for (const payload of sent) send(cipher, payload);
        const got: Buffer[] = [];
        const decipher = ourDecipher(secret, collect(got));
        feed(decipher, Buffer.concat(wire), sizes);
        expect(hex(got)).toBe(hex(sent));
        expect(decipher.inSeqno).toBe((secret.seqno + sent.length) % 2 ** 32);
      }),
    );
  });
});

describe('what is written', () => {
  test('has random padding, of four bytes at least, to a whole number of blocks', () => {
    const seen = new Set<string>();
    for (let length = 0; length < 70; length += 1) {
      const packet = ourCipher(SECRET, []).allocPacket(length);
      const padding = packet[4] ?? 0;
      expect(padding).toBeGreaterThanOrEqual(4);
      expect(padding).toBeLessThan(4 + 16);
      expect(packet.readUInt32BE(0) % 16).toBe(0);
      expect(packet.readUInt32BE(0)).toBe(1 + length + padding);
      expect(packet.length).toBe(4 + 1 + length + padding + TAG);
      seen.add(packet.subarray(5 + length, 5 + length + 4).toString('hex'));
    }
    expect(seen.size).toBe(70);
  });

  test('is no packet that another cipher has made room for', () => {
    const sent: Buffer[] = [];
    const packet = ourCipher(SECRET, sent).allocPacket(10);
    expect(() => ourCipher(SECRET, sent).encrypt(packet.subarray(0, -TAG))).toThrow('another cipher');
    expect(sent).toEqual([]);
  });

  test('is nothing any more once it is freed', () => {
    const sent: Buffer[] = [];
    const cipher = ourCipher(SECRET, sent);
    const packet = cipher.allocPacket(1);
    cipher.free();
    cipher.encrypt(packet);
    expect(sent).toEqual([]);
  });

  test('has a nonce of its own, also when the write of one packet leads to the next', () => {
    const wire: Buffer[] = [];
    const cipher: GcmCipher = new GcmCipher(SECRET.name, {
      ...outbound(SECRET, wire),
      onWrite: (piece) => {
        wire.push(Buffer.from(piece));
        if (wire.length === 1) send(cipher, Buffer.from('two'));
      },
    });
    send(cipher, Buffer.from('one'));
    send(cipher, Buffer.from('three'));
    const got: Buffer[] = [];
    feed(theirDecipher(inbound(SECRET, collect(got)), 'native'), Buffer.concat(wire), [1000]);
    expect(got.map(String)).toEqual(['one', 'two', 'three']);
  });

  test('counts from 0 again after a strict key exchange', () => {
    const cipher = ourCipher({ ...SECRET, seqno: 5 }, []);
    cipher.outSeqno = 0;
    send(cipher, Buffer.from('a'));
    expect(cipher.outSeqno).toBe(1);
  });
});

describe.each([0, 1000])('what is read, %d small packets left to OpenSSL', (first) => {
  const secret: Secret = { ...SECRET, first };

  const three = () => {
    const wire: Buffer[] = [];
    const cipher = ourCipher(secret, wire);
    for (const text of ['one', 'two', 'three']) send(cipher, Buffer.from(text));
    return wire;
  };

  test('is nothing from the packet on in which a bit is flipped, wherever that is', () => {
    const wire = three();
    const [first, second] = wire;
    if (!first || !second) throw new Error('three packets');
    for (let bit = 0; bit < second.length * 8; bit += 1) {
      const flipped = Buffer.concat(wire);
      const at = first.length + (bit >> 3);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (bit & 7)), at);
      const got: Buffer[] = [];
      const decipher = ourDecipher(secret, collect(got));
      let refused = false;
      try {
        decipher.decrypt(flipped, 0, flipped.length);
      } catch {
        refused = true;
      }
      // A longer length may make it wait for more than there is.
      expect(refused || bit < 32, `bit ${bit}`).toBe(true);
      if (refused) expect(decipher.decrypt(wire[2] ?? Buffer.alloc(0), 0, 52)).toBeUndefined();
      expect(got.map(String)).toEqual(['one']);
    }
  });

  test.each([
    ['again', (w: Buffer[]) => [w[0], w[0]]],
    ['out of order', (w: Buffer[]) => [w[0], w[2]]],
    ['of another key', () => [ourPacket({ ...secret, key: Buffer.alloc(16, 8) })]],
    ['with another nonce', () => [ourPacket({ ...secret, iv: Buffer.alloc(12, 8) })]],
  ])('is no packet %s', (_what, pick) => {
    const stream = Buffer.concat(pick(three()).filter((packet) => packet !== undefined));
    const got: Buffer[] = [];
    expect(() => ourDecipher(secret, collect(got)).decrypt(stream, 0, stream.length)).toThrow();
    expect(got.length).toBeLessThan(2);
  });

  const ourPacket = (other: Secret) => {
    const wire: Buffer[] = [];
    send(ourCipher(other, wire), Buffer.from('one'));
    return Buffer.concat(wire);
  };

  test.each([0, 1, 15, 17, 24, MAX_LENGTH + 16, 2 ** 31, 2 ** 32 - 16])(
    'is no packet of %d bytes, as soon as it says so',
    (length) => {
      const head = Buffer.alloc(4);
      head.writeUInt32BE(length);
      const never = () => expect.fail('a payload');
      expect(() => ourDecipher(secret, never).decrypt(head, 0, 4)).toThrow('Bad packet length');
      const inParts = ourDecipher(secret, never);
      inParts.decrypt(head, 0, 3);
      expect(() => inParts.decrypt(head, 3, 4)).toThrow('Bad packet length');
    },
  );

  test('is a packet as long as OpenSSH takes', () => {
    const body = Buffer.alloc(MAX_LENGTH, 'x');
    body[0] = 4;
    const packet = forge(secret, MAX_LENGTH, body);
    const got: Buffer[] = [];
    feed(ourDecipher(secret, collect(got)), packet, [65_536, 1, 2]);
    expect(got.map((payload) => payload.length)).toEqual([MAX_LENGTH - 5]);
  });

  test.each([0, 3, 16, 17, 255])('is no packet whose padding is %d of its 16 bytes', (padding) => {
    const body = Buffer.alloc(16);
    body[0] = padding;
    const packet = forge(secret, 16, body);
    const decipher = ourDecipher(secret, () => expect.fail('a payload'));
    expect(() => decipher.decrypt(packet, 0, packet.length)).toThrow('Bad padding length');
  });

  test('may be without a payload', () => {
    const body = Buffer.alloc(16);
    body[0] = 15;
    const got: Buffer[] = [];
    feed(ourDecipher(secret, collect(got)), forge(secret, 16, body), [100]);
    expect(got).toEqual([Buffer.alloc(0)]);
  });

  test('goes to who has it now, and stops where the keys change', () => {
    const wire = three();
    const stream = Buffer.concat(wire);
    const got: string[] = [];
    const decipher = ourDecipher(secret, (payload) => {
      got.push(`kex ${payload}`);
      decipher._onPayload = (next) => {
        got.push(`done ${next}`);
        return false;
      };
      return undefined;
    });
    const end = decipher.decrypt(stream, 0, stream.length);
    expect(got).toEqual(['kex one', 'done two']);
    expect(end).toBe((wire[0]?.length ?? 0) + (wire[1]?.length ?? 0));
    decipher._onPayload = () => Number.POSITIVE_INFINITY;
    expect(decipher.decrypt(stream, end ?? 0, stream.length)).toBe(Number.POSITIVE_INFINITY);
  });
});

test('other ciphers are none of this', () => {
  expect(['chacha20', 'aes-128-ctr', 'aes-192-gcm', 'aes-128-ccm'].map(isGcm)).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(['aes-128-gcm', 'aes-256-gcm'].map(isGcm)).toEqual([true, true]);
});
