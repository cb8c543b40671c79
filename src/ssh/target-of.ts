/** From a row of the catalogue to what SSH connects to. */
import type { Host } from '../model/host.ts';
import { parseDestination, type SshTarget } from './target.ts';

/** The name decides which key is trusted: the user's own words first, then what the finder saw. */
export function targetOf(host: Host): SshTarget {
  const found = { name: host.hostName?.replace(/\.local$/u, '') ?? host.name, port: host.sshPort };
  const { name, user, port } =
    host.sshName === undefined ? { ...found, user: undefined } : parseDestination(host.sshName);
  return {
    name,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
    ...(host.addresses.length ? { addresses: host.addresses } : {}),
    aliases: [host.name, ...(host.hostName ? [host.hostName] : []), ...(host.aliases ?? [])].filter(
      (n) => n !== name,
    ),
  };
}
