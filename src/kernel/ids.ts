import { createHash, createHmac, randomBytes } from 'node:crypto';

/** The application key of hotdesk for machine ids; see machine-id(5), which asks for such a hash. */
const HOST_ID_KEY = 'hotdesk/host-id/v1';

/**
 * The public identity of a host: HMAC-SHA256 of its machine-id under hotdesk's key, 16 bytes as hex.
 * The machine-id itself is confidential (machine-id(5)) and never leaves the machine.
 */
export function hostIdOf(machineId: string): string {
  return createHmac('sha256', HOST_ID_KEY).update(machineId.trim()).digest('hex').slice(0, 32);
}

/** An id for a session in an advert that tells nothing about it: 8 hex digits. */
export function opaqueId(hostId: string, backend: string, localId: string): string {
  return createHash('sha256').update(`${hostId}\0${backend}\0${localId}`).digest('hex').slice(0, 8);
}

/** `bytes` random bytes as hex. */
export function randomId(bytes = 8): string {
  return randomBytes(bytes).toString('hex');
}
