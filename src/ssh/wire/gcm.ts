/** AES-GCM (RFC 5647, with the names and the rules of OpenSSH's PROTOCOL §1.6), one write a packet. */
import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
} from 'node:crypto';
import { Gather } from './gather.ts';
import { CLEAR, FIRST, GcmKey, TAG } from './gcm-key.ts';
import { fillRandom, paddingFor } from './padding.ts';
import {
  type InboundKeys,
  MAX_LENGTH,
  MIN_PADDING,
  type OnPayload,
  type OutboundKeys,
  type PacketCipher,
  type PacketDecipher,
} from './wire.ts';

const BLOCK = 16;

const NAMES: readonly string[] = ['aes-128-gcm', 'aes-256-gcm'] satisfies CipherGCMTypes[];

/** Whether `sslName` is a cipher of this file. */
export function isGcm(sslName: string): sslName is CipherGCMTypes {
  return NAMES.includes(sslName);
}

/** What leaves. */
export class GcmCipher implements PacketCipher {
  outSeqno: number;
  readonly #onWrite: (bytes: Uint8Array) => void;
  readonly #name: CipherGCMTypes;
  readonly #secret: KeyObject;
  readonly #key: GcmKey;
  #freed = false;

  /** @param first how many small packets are left to OpenSSL */
  constructor(name: CipherGCMTypes, keys: OutboundKeys, first = FIRST) {
    const { seqno, onWrite, cipherKey, cipherIV } = keys;
    this.outSeqno = seqno;
    this.#onWrite = onWrite;
    this.#name = name;
    this.#secret = createSecretKey(cipherKey);
    this.#key = new GcmKey(name, cipherKey, cipherIV, first);
  }

  free(): void {
    this.#freed = true;
  }

  allocPacket(payloadLength: number): Buffer {
    const padding = paddingFor(1 + payloadLength, BLOCK);
    const length = 1 + payloadLength + padding;
    const packet = Buffer.allocUnsafe(CLEAR + length + TAG);
    packet.writeUInt32BE(length, 0);
    packet[CLEAR] = padding;
    fillRandom(packet, CLEAR + 1 + payloadLength, CLEAR + length);
    return packet;
  }

  encrypt(packet: Buffer): void {
    if (this.#freed) return;
    const end = packet.length - TAG;
    if (packet.readUInt32BE(0) !== end - CLEAR) throw new Error('A packet of another cipher');
    if (this.#key.claims(end - CLEAR)) this.#key.seal(packet);
    else this.#seal(packet, end);
    this.outSeqno = (this.outSeqno + 1) >>> 0;
    this.#onWrite(packet);
  }

  #seal(packet: Buffer, end: number): void {
    const cipher = this.#key.next((iv) => createCipheriv(this.#name, this.#secret, iv));
    cipher.setAAD(packet.subarray(0, CLEAR));
    packet.set(cipher.update(packet.subarray(CLEAR, end)), CLEAR);
    cipher.final();
    packet.set(cipher.getAuthTag(), end);
  }
}

/** What comes in. */
export class GcmDecipher implements PacketDecipher {
  inSeqno: number;
  _onPayload: OnPayload;
  readonly #name: CipherGCMTypes;
  readonly #secret: KeyObject;
  readonly #key: GcmKey;
  readonly #packets = new Gather(wholeLength);
  /** After what the peer cannot have sent nothing is read any more. */
  #broken = false;

  /** @param first how many small packets are left to OpenSSL */
  constructor(name: CipherGCMTypes, keys: InboundKeys, first = FIRST) {
    const { seqno, onPayload, decipherKey, decipherIV } = keys;
    this.inSeqno = seqno;
    this._onPayload = onPayload;
    this.#name = name;
    this.#secret = createSecretKey(decipherKey);
    this.#key = new GcmKey(name, decipherKey, decipherIV, first);
  }

  free(): void {}

  decrypt(data: Buffer, from: number, to: number): number | undefined {
    let at = from;
    while (at < to && !this.#broken) {
      const payload = this.#read(data, at, to);
      if (!payload) return undefined;
      at = this.#packets.at;
      this.inSeqno = (this.inSeqno + 1) >>> 0;
      const goOn = this._onPayload(payload);
      if (goOn !== undefined) return typeof goOn === 'number' ? goOn : at;
    }
    return undefined;
  }

  #read(data: Buffer, from: number, to: number): Buffer | undefined {
    try {
      const packet = this.#packets.take(data, from, to);
      return packet && this.#open(packet);
    } catch (error) {
      this.#broken = true;
      throw error;
    }
  }

  /** @throws Error when the tag is not that of the packet: nothing of it is used then */
  #open(packet: Buffer): Buffer {
    const end = packet.length - TAG;
    const body = this.#key.claims(end - CLEAR) ? this.#key.open(packet) : this.#decrypt(packet, end);
    const padding = body[0] ?? 0;
    if (padding < MIN_PADDING || padding >= body.length) throw new Error('Bad padding length');
    return body.subarray(1, body.length - padding);
  }

  #decrypt(packet: Buffer, end: number): Buffer {
    const decipher = this.#key.next((iv) => createDecipheriv(this.#name, this.#secret, iv));
    decipher.setAuthTag(packet.subarray(end));
    decipher.setAAD(packet.subarray(0, CLEAR));
    const body = decipher.update(packet.subarray(CLEAR, end));
    decipher.final();
    return body;
  }
}

/** RFC 5647 §7.2: what is encrypted is a multiple of a block. */
function wholeLength(length: number): number {
  if (length < BLOCK || length > MAX_LENGTH || length % BLOCK !== 0) throw new Error('Bad packet length');
  return CLEAR + length + TAG;
}
