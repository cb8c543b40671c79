import { randomBytes } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import '../../../src/ssh/wire/own-ciphers.ts';
import { GcmCipher, GcmDecipher } from '../../../src/ssh/wire/gcm.ts';
import type { OnPayload } from '../../../src/ssh/wire/wire.ts';
import { theirs } from './theirs.ts';

const OTHERS = [
  ['chacha20-poly1305@openssh.com', undefined],
  ['aes128-ctr', 'hmac-sha2-256-etm@openssh.com'],
  ['aes256-ctr', 'hmac-sha2-512'],
] as const;

function pair(name: string, mac: string | undefined) {
  const info = theirs.CIPHER_INFO[name];
  const macInfo = mac === undefined ? undefined : theirs.MAC_INFO[mac];
  if (!info) throw new Error(name);
  const key = randomBytes(info.keyLen);
  const iv = randomBytes(info.ivLen);
  const macKey = macInfo && randomBytes(macInfo.len);
  const sent: Buffer[] = [];
  const got: string[] = [];
  const onPayload: OnPayload = (payload) => {
    got.push(payload.toString());
    return undefined;
  };
  const shared = { seqno: 0, macInfo, macKey, forceNative: true };
  const onWrite = (piece: Uint8Array) => void sent.push(Buffer.from(piece));
  const cipher = theirs.createCipher({
    outbound: { ...shared, onWrite, cipherInfo: info, cipherKey: key, cipherIV: Buffer.from(iv) },
  });
  const decipher = theirs.createDecipher({
    inbound: { ...shared, onPayload, decipherInfo: info, decipherKey: key, decipherIV: Buffer.from(iv) },
  });
  return { cipher, decipher, sent, got };
}

beforeAll(() => theirs.init);

test.each([...OTHERS, ['aes128-gcm@openssh.com', undefined]] as const)(
  '%s is written in one piece a packet',
  (name, mac) => {
    const { cipher, decipher, sent, got } = pair(name, mac);
    for (const text of ['one', 'two']) {
      const packet = cipher.allocPacket(3);
      packet.write(text, 5);
      cipher.encrypt(packet);
    }
    expect(sent.length).toBe(2);
    expect(cipher.outSeqno).toBe(2);
    for (const piece of sent) decipher.decrypt(piece, 0, piece.length);
    expect(got).toEqual(['one', 'two']);
    const late = cipher.allocPacket(3);
    cipher.free();
    cipher.encrypt(late);
    expect(sent.length).toBe(2);
  },
);

test('AES-GCM is ours, and nothing else', () => {
  for (const name of ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com']) {
    const { cipher, decipher } = pair(name, undefined);
    expect([cipher, decipher]).toEqual([expect.any(GcmCipher), expect.any(GcmDecipher)]);
  }
  for (const [name, mac] of OTHERS) {
    const { cipher, decipher } = pair(name, mac);
    expect([cipher instanceof GcmCipher, decipher instanceof GcmDecipher]).toEqual([false, false]);
  }
});
