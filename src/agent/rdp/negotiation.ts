/** The first words of an RDP connection, before its TLS: [MS-RDPBCGR] §2.2.1.1 and §2.2.1.2. Pure. */

/** TLS with the password inside, or inside CredSSP (network level authentication). */
const TLS = 0x1;
const NLA = 0x2;

/** Asks for either of them, in a TPKT (RFC 1006 §6) and a connection request of X.224 (§13.3). */
export const NEGOTIATION_REQUEST: Uint8Array = Uint8Array.from([
  ...[0x03, 0x00, 0x00, 0x13],
  ...[0x0e, 0xe0, 0x00, 0x00, 0x00, 0x00, 0x00],
  ...[0x01, 0x00, 0x08, 0x00, TLS | NLA, 0x00, 0x00, 0x00],
]);

/** Nothing longer answers that request, in bytes. */
const LIMIT = 512;

/**
 * `more`: it has not come whole. `plain`: without TLS, so that nobody knows who answers. `refused`: it
 * names a failure of its own.
 */
export type Negotiated = 'tls' | 'nla' | 'plain' | 'refused' | 'more' | 'not-rdp';

/** What the server's answer says. */
export function readNegotiation(bytes: Uint8Array): Negotiated {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (offset: number) => (offset < bytes.length ? view.getUint8(offset) : undefined);
  if (bytes.length > 0 && at(0) !== 3) return 'not-rdp';
  if (bytes.length < 4) return 'more';
  const length = view.getUint16(2);
  if (length < 11 || length > LIMIT) return 'not-rdp';
  if (bytes.length < length) return 'more';
  // A connection confirm, whatever its credit.
  if (((at(5) ?? 0) & 0xf0) !== 0xd0) return 'not-rdp';
  if (length < 19) return 'plain';
  if (at(11) === 0x03) return 'refused';
  if (at(11) !== 0x02) return 'not-rdp';
  switch (view.getUint32(15, true)) {
    case 0:
      return 'plain';
    case TLS:
      return 'tls';
    case NLA:
      return 'nla';
    default:
      return 'not-rdp';
  }
}
