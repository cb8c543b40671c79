/** What a host that was typed in says of the way there. */
import { userInfo } from 'node:os';
import type { ManualHost } from '../discovery/manual.ts';
import type { SshRoute } from '../model/host.ts';
import { parseRdpTarget } from '../model/rdp-target.ts';
import type { TypedHost } from '../platform/settings-schema.ts';
import { parseDestination } from '../ssh/ssh.ts';

/** @param user the account here, which needs no mention */
export function typedHost(host: TypedHost, user = userInfo().username): ManualHost {
  const rdp = parseRdpTarget(host.target);
  return rdp ? { ...host, rdp } : { ...host, route: routeOf(host.target, user) };
}

/** What a target says for itself; it may be a name of ssh_config, which says more. */
function routeOf(target: string, own: string): SshRoute | undefined {
  try {
    const { user, port } = parseDestination(target);
    return { user: user === own ? '' : user, port };
  } catch {
    return undefined;
  }
}
