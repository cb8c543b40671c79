/** Which service instance a record speaks of. RFC 6763 §4.1. Pure. */
import { foldName, SERVICE_TYPES, type ServiceType } from '../services.ts';

export interface InstanceName {
  /** Equal for names that differ in case alone (RFC 1035 §2.3.3). */
  readonly id: string;
  readonly type: ServiceType;
  /** The first label, as it was written. */
  readonly name: string;
}

/** What a PTR record of one of our service types points to; undefined for any other. */
export function pointedTo(owner: string, target: string): InstanceName | undefined {
  const type = SERVICE_TYPES.find((each) => foldName(owner) === `${each}.local`);
  return type && instanceOf(target, type);
}

/** What an SRV or TXT record of that name describes; undefined where it is none of our services. */
export function describedBy(owner: string): InstanceName | undefined {
  const folded = foldName(owner);
  const type = SERVICE_TYPES.find((each) => folded.endsWith(`.${each}.local`));
  return type && instanceOf(owner, type);
}

function instanceOf(fullName: string, type: ServiceType): InstanceName | undefined {
  const suffix = `.${type}.local`;
  const folded = foldName(fullName);
  if (!folded.endsWith(suffix)) return undefined;
  // A label may end with a dot of its own.
  const length = folded.length - suffix.length;
  return length > 0
    ? { id: `${type} ${folded.slice(0, length)}`, type, name: fullName.slice(0, length) }
    : undefined;
}
