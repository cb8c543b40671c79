/** The links that this machine is on, from its interfaces. */
import type { NetworkInterfaceInfo } from 'node:os';
import type { Link, LinkAddress } from './subnet.ts';

/** Bridges and pairs that containers and virtual machines hang on, and what never leaves this machine. */
const VIRTUAL =
  /^(?:lo\d*|docker\d*|docker_gwbridge|br-[0-9a-f]{12}|veth.+|virbr\d+(?:-nic)?|vnet\d+|lxcbr\d+|lxdbr\d+|incusbr\d+|podman\d+|cni\d+|flannel\..+|cali.+|vmnet\d+|vboxnet\d+|dummy\d+|ifb\d+)$/u;

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** The links among `interfaces` (as os.networkInterfaces() gives them: those only that are up), in order of name. */
export function linksOf(interfaces: Interfaces): Link[] {
  const links: Link[] = [];
  for (const [name, infos] of Object.entries(interfaces)) {
    if (VIRTUAL.test(name) || infos === undefined || infos.some((info) => info.internal)) continue;
    const addresses = infos.map(addressOf).filter((address) => address !== undefined);
    // A point-to-point link (VPN) has no neighbours to find: nothing but itself in its subnet.
    if (addresses.some(({ family, prefix }) => (family === 4 ? prefix < 32 : prefix < 128))) {
      links.push({ name, addresses: addresses.sort((a, b) => (a.address < b.address ? -1 : 1)) });
    }
  }
  return links.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function addressOf(info: NetworkInterfaceInfo): LinkAddress | undefined {
  const prefix = Number(info.cidr?.split('/')[1]);
  if (!Number.isInteger(prefix)) return undefined;
  return { address: info.address, family: info.family === 'IPv4' ? 4 : 6, prefix };
}

/** Equal for links with the same addresses. */
export function linkKey(link: Link): string {
  return `${link.name} ${link.addresses.map((a) => `${a.address}/${a.prefix}`).join(' ')}`;
}
