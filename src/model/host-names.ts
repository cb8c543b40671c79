/** Free of schemas, so that a short command need not load them. */

/** What `namesOf` looks at. */
interface Named {
  readonly name: string;
  readonly key: string;
  readonly hostName?: string | undefined;
  readonly hostId?: string | undefined;
  readonly sshName?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly addresses: readonly { readonly address: string }[];
}

/** Every name that means this host when a user writes it. */
export function namesOf(host: Named): string[] {
  return [
    host.name,
    host.key,
    ...(host.hostName ? [host.hostName] : []),
    ...(host.hostId ? [host.hostId] : []),
    ...(host.sshName ? [host.sshName] : []),
    ...(host.aliases ?? []),
    ...host.addresses.map((a) => a.address),
  ];
}
