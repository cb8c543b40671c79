import type { Host } from '../model/host.ts';
import type { Params } from '../protocol/api.ts';

/** A host as another machine is told of it, that is to open a session of it: who it is, and the ways to it. */
export function toldHost(host: Host): Params<'seat.open'>['host'] {
  return {
    name: host.name,
    addresses: host.addresses,
    ...(host.hostId ? { hostId: host.hostId } : {}),
    ...(host.hostName ? { hostName: host.hostName } : {}),
    ...(host.sshPort === undefined ? {} : { sshPort: host.sshPort }),
  };
}
