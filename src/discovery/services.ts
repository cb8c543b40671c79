/** The service types that mean a host, and names as DNS-SD writes them (RFC 6763 §4). */
import { sanitiseName } from '../kernel/text.ts';

export const HOTDESK = '_hotdesk._tcp';
export const SSH = '_ssh._tcp';
export const XPRA = '_xpra._tcp';
/** Windows and others that may have no SSH: they can be opened, and nothing else. */
export const RDP = '_rdp._tcp';
/** What is browsed, the most telling first. */
export const SERVICE_TYPES = [HOTDESK, SSH, XPRA, RDP] as const;
export type ServiceType = (typeof SERVICE_TYPES)[number];

/** DNS compares ASCII letters without case, and nothing else (RFC 6762 §16). */
export function foldName(name: string): string {
  return name.replace(/[A-Z]/gu, (letter) => letter.toLowerCase()).replace(/\.$/u, '');
}

const HOST_NAME = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/iu;

/** The target of an SRV record as a name that is safe to hand to ssh, or undefined where it is not one of this link. */
export function linkHostName(target: string): string | undefined {
  const name = target.replace(/\.$/u, '');
  return name.length <= 253 && /.\.local$/iu.test(name) && HOST_NAME.test(name) ? name : undefined;
}

/** `alpha` for `alpha.local`. */
export function bareHostName(hostName: string): string {
  return sanitiseName(hostName.replace(/\.local$/iu, ''), 'host');
}
