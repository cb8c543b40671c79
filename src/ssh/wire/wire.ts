/**
 * Packets on their way (RFC 4253 §6): what ssh2's key exchange asks of a cipher and a decipher, by the
 * names it uses. `wire/ssh2.ts` is where ssh2 gets those of this folder.
 */

/**
 * Longest packet that is taken, as in OpenSSH (PACKET_MAX_SIZE): sshd sends a banner as one packet, and
 * RFC 4253 §6.1 asks for 35,000 bytes at least. Known before anything of a packet is authenticated.
 */
export const MAX_LENGTH = 256 * 1024;

/** RFC 4253 §6: padding of a packet, at least. */
export const MIN_PADDING = 4;

/** How packets of one direction are protected, from one exchange of keys to the next. */
interface Keys {
  /** Of the packet that comes next. */
  readonly seqno: number;
}

export interface OutboundKeys extends Keys {
  readonly onWrite: (bytes: Uint8Array) => void;
  readonly cipherInfo: { readonly sslName: string };
  readonly cipherKey: Buffer;
  readonly cipherIV: Buffer;
}

export interface InboundKeys extends Keys {
  readonly onPayload: OnPayload;
  readonly decipherInfo: { readonly sslName: string };
  readonly decipherKey: Buffer;
  readonly decipherIV: Buffer;
}

/** What is not `undefined` ends the reading: where to go on, or `false` for here, with the next decipher. */
export type OnPayload = (payload: Buffer) => number | boolean | undefined;

export interface PacketCipher {
  /** Of the packet that comes next; set to 0 after SSH_MSG_NEWKEYS of a strict key exchange. */
  outSeqno: number;
  /** A packet with its length and padding in place, the payload to be written from its byte 5 on. */
  allocPacket(payloadLength: number): Buffer;
  /** Protects and writes what allocPacket gave. */
  encrypt(packet: Buffer): void;
  free(): void;
}

export interface PacketDecipher {
  inSeqno: number;
  /** Replaced by ssh2 while keys are exchanged. */
  _onPayload: OnPayload;
  /**
   * Takes bytes as they come.
   * @returns where to go on in `data`, by another decipher; undefined when all of it is read
   * @throws Error when it is not what the peer sent
   */
  decrypt(data: Buffer, from: number, to: number): number | undefined;
  free(): void;
}
