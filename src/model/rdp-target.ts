/** RDP servers as the user types them in: `rdp://[user@]host[:port]`. Pure, and free of schemas. */

/** Where RDP is served unless somebody says otherwise. */
export const RDP_PORT = 3389;

export interface RdpTarget {
  /** A name, or an address without brackets, in small letters. */
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
}

/** A name or an address; never one that a program could take for an option. */
const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,253}[a-z0-9])?$/iu;
/** As it stands in brackets; whether it is one is for whoever connects to it. */
const ADDRESS6 = /^[0-9a-f:.]{2,45}(?:%[a-z0-9_.-]{1,30})?$/iu;
/** `me`, `DOMAIN\me` and `me@domain` are accounts of Windows. */
const USER = /^[^\s\p{C}\p{Z}:/?#]{1,120}$/u;

/** Is that meant to be one, whether it is right or not? */
export function isRdpUrl(text: string): boolean {
  return /^rdp:/iu.test(text);
}

/** Undefined where it is none. */
export function parseRdpTarget(text: string): RdpTarget | undefined {
  if (text.length > 400) return undefined;
  const [, account, six, name = '', digits] =
    /^rdp:\/\/(?:(.*)@)?(?:\[([^\]]*)\]|([^:@[\]]*))(?::(\d{1,5}))?\/?$/iu.exec(text) ?? [];
  const host = six ?? name;
  if (six === undefined ? !NAME.test(host) : !(ADDRESS6.test(six) && six.includes(':'))) return undefined;
  const port = digits === undefined ? RDP_PORT : Number(digits);
  if (port < 1 || port > 65_535) return undefined;
  if (account !== undefined && !USER.test(account)) return undefined;
  return { host: host.toLowerCase(), port, user: account };
}
