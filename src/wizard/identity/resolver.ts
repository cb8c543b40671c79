/** Which resolver answers, and whether its word about DNSSEC counts: resolv.conf(5). Pure. */

export interface Resolver {
  /** In the order in which they are asked; three at most, as in glibc. */
  readonly servers: readonly { readonly address: string; readonly port: number }[];
  /**
   * `options trust-ad`: the administrator says that the way to the resolver is safe. Without it glibc
   * clears the AD bit of every answer, and so ssh (which asks through glibc) believes no SSHFP record.
   */
  readonly trustsAd: boolean;
}

const MAX_SERVERS = 3;

/** @param text of resolv.conf. @param options RES_OPTIONS of the environment, which adds to it */
export function readResolver(text: string, options = ''): Resolver {
  const servers: { address: string; port: number }[] = [];
  const words: string[] = options.split(/\s+/u);
  for (const line of text.split('\n')) {
    const [keyword, ...rest] = line
      .replace(/[#;].*$/u, '')
      .trim()
      .split(/\s+/u);
    if (keyword === 'nameserver' && rest[0] && servers.length < MAX_SERVERS) {
      servers.push({ address: rest[0], port: 53 });
    }
    if (keyword === 'options') words.push(...rest);
  }
  return {
    servers: servers.length > 0 ? servers : [{ address: '127.0.0.1', port: 53 }],
    trustsAd: words.includes('trust-ad'),
  };
}
