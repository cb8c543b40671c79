/** The records of one `_hotdesk._tcp` instance on one link. RFC 6763 §4 to §6, RFC 6762 §10. */
import type { Publication } from '../../discovery/advertiser.ts';
import type { WireRecord } from '../../discovery/mdns/responder.ts';
import { HOTDESK } from '../../discovery/services.ts';
import type { Link } from '../../discovery/subnet.ts';
import { HotdeskError } from '../../kernel/errors.ts';

/** Seconds: RFC 6762 §10 has 120 for what holds an address or a host name, 75 minutes for the rest. */
const HOST_TTL = 120;
const OTHER_TTL = 4500;

export const SERVICE_NAME = `${HOTDESK}.local`;
export const ENUMERATION_NAME = '_services._dns-sd._udp.local';

/**
 * What may not go on the wire never gets that far: an over-long name or string makes a packet that
 * everybody drops in silence.
 * @throws HotdeskError `bad-argument`
 */
export function checkPublication(publication: Publication): void {
  const { instance, hostName, port, txt } = publication;
  // The library splits names at dots, so one in a label would become two labels.
  const badLabel = [instance, hostName].find(
    (label) => label === '' || label.includes('.') || Buffer.byteLength(label) > 63,
  );
  if (badLabel !== undefined) {
    throw new HotdeskError(
      'bad-argument',
      `“${badLabel}” cannot be a name in mDNS: 1 to 63 bytes, without dots.`,
      {
        hint: 'Give this machine a shorter host name.',
      },
    );
  }
  if (!(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw new HotdeskError('bad-argument', `${port} is not a port.`);
  }
  if (
    txt.some((entry) => entry.length > 255) ||
    txt.reduce((sum, entry) => sum + entry.length + 1, 0) > 1300
  ) {
    throw new HotdeskError('bad-argument', 'The advert does not fit in one packet.');
  }
}

/** The instance's host name on the wire. @param number 2 and up after a conflict: `alpha-2.local`, as Avahi does */
export function hostNameOf(publication: Publication, number: number): string {
  if (number < 2) return `${publication.hostName}.local`;
  const suffix = `-${number}`;
  return `${publication.hostName.slice(0, 63 - suffix.length)}${suffix}.local`;
}

export interface InstanceRecords {
  readonly pointer: WireRecord;
  readonly enumeration: WireRecord;
  readonly service: WireRecord;
  readonly text: WireRecord;
  readonly addresses: readonly WireRecord[];
}

/** @param hostName with `.local` */
export function recordsFor(publication: Publication, hostName: string, link: Link): InstanceRecords {
  const fullName = `${publication.instance}.${SERVICE_NAME}`;
  const unique = { flush: true } as const;
  const { port } = publication;
  return {
    pointer: { name: SERVICE_NAME, type: 'PTR', ttl: OTHER_TTL, data: fullName },
    enumeration: { name: ENUMERATION_NAME, type: 'PTR', ttl: OTHER_TTL, data: SERVICE_NAME },
    service: {
      ...{ name: fullName, type: 'SRV', ttl: HOST_TTL, ...unique },
      data: { priority: 0, weight: 0, port, target: hostName },
    },
    text: { name: fullName, type: 'TXT', ttl: OTHER_TTL, ...unique, data: [...publication.txt] },
    addresses: link.addresses.map(({ address, family }) => ({
      ...{
        name: hostName,
        type: family === 4 ? ('A' as const) : ('AAAA' as const),
        ttl: HOST_TTL,
        ...unique,
      },
      data: address.split('%')[0] ?? address,
    })),
  };
}

/** In the order of an announcement. */
export function allOf(records: InstanceRecords): WireRecord[] {
  return [records.pointer, records.service, records.text, ...records.addresses, records.enumeration];
}

/** Goodbye for these records and for no others. RFC 6762 §10.1. */
export function goodbyeFor(records: readonly WireRecord[]): WireRecord[] {
  return records.map((record) => ({ ...record, ttl: 0 }));
}

/** Equal for records of one name, type and data. */
export function recordKey(record: Pick<WireRecord, 'name' | 'type' | 'data'>): string {
  const { data } = record;
  const text = Array.isArray(data) ? data.map((each) => Buffer.from(each).toString('latin1')) : data;
  return `${record.type} ${record.name.toLowerCase()} ${JSON.stringify(text)}`;
}
