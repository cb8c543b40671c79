/** Which rows of the catalogue may be asked without the user. */
import type { Host } from '../model/host.ts';

/**
 * May the agent connect to a host on its own, without being told to? What advertises hotdesk or a
 * session, and what the user typed in: yes. Entries of ssh_config are often far away and not for
 * sessions at all (a code forge, a router): only when the user names them.
 */
export function mayLookAt(host: Host): boolean {
  // Nothing there speaks SSH, as far as anybody says.
  if (host.state === 'rdp-only') return false;
  return (
    host.adverts.length > 0 ||
    host.finders.includes('manual') ||
    (host.finders.some((f) => f === 'mdns' || f === 'avahi') && host.addresses.length > 0)
  );
}
