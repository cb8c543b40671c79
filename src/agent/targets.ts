/** From a row of the catalogue to what SSH connects to, and which rows may be asked without the user. */
import type { Host } from '../model/host.ts';
import { parseDestination, type SshTarget } from '../ssh/ssh.ts';

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

/**
 * May the agent connect to a host on its own, without being told to? What advertises hotdesk or a
 * session, and what the user typed in: yes. Entries of ssh_config are often far away and not for
 * sessions at all (a code forge, a router): only when the user names them.
 */
export function mayLookAt(host: Host): boolean {
  return (
    host.adverts.length > 0 ||
    host.finders.includes('manual') ||
    (host.finders.some((f) => f === 'mdns' || f === 'avahi') && host.addresses.length > 0)
  );
}
