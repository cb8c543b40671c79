/**
 * Whether a presented host key is the host's. Pure; always as strict as StrictHostKeyChecking=yes.
 *
 * The primary name decides: what `ssh NAME` would look up (HostKeyAlias, else HostName, with its
 * port). If the user's files hold any key for it, those alone count: a match is trusted, anything
 * else is `changed`, whatever other names say.
 *
 * Only when nothing is known under the primary name, the other spelling of the same link-local name
 * (`alpha` ⇄ `alpha.local`) stands in for it, by the same rule; and, as in OpenSSH, the entry without
 * a port for a host on another port, which can vouch but not contradict.
 *
 * No other name counts, because who chose it? Names and addresses from mDNS are claims of whoever
 * sent them: an advert “alpha, also beta.local, at 10.0.0.9” must not make beta's key, or that of
 * the machine that once had 10.0.0.9, pass for alpha's. If such a name has the key, the error says
 * so, and the user decides with `hotdesk trust`.
 *
 * A key marked @revoked under any of these names is refused first.
 */
import { HotdeskError } from '../kernel/errors.ts';
import { entryMatches, fingerprintOf, type KnownHost, keyType } from './known-hosts.ts';
import { quotePosix } from './quote.ts';
import type { HostKeyNames } from './target.ts';

export type Verdict =
  | { readonly state: 'trusted'; readonly entry: KnownHost }
  | { readonly state: 'unknown'; readonly knownAs: readonly string[]; readonly certified: boolean }
  | { readonly state: 'changed'; readonly entries: readonly KnownHost[]; readonly name: string }
  | { readonly state: 'revoked'; readonly entry: KnownHost };

/** The rule above. @param key blob that the host presented and proved to hold */
export function judgeHostKey(key: Buffer, names: HostKeyNames, known: readonly KnownHost[]): Verdict {
  const speakingOf = (name: string) => known.filter((entry) => entryMatches(entry, name));
  const own = [names.primary, ...names.spellings, ...names.portless];
  const revoked = [...own, ...names.related]
    .flatMap(speakingOf)
    .find((entry) => entry.marker === 'revoked' && entry.key.equals(key));
  if (revoked) return { state: 'revoked', entry: revoked };

  for (const name of [names.primary, ...names.spellings]) {
    const entries = speakingOf(name).filter((entry) => entry.marker === undefined);
    const match = entries.find((entry) => entry.key.equals(key));
    if (match) return { state: 'trusted', entry: match };
    if (entries.length > 0) return { state: 'changed', entries, name };
  }
  const vouched = names.portless
    .flatMap(speakingOf)
    .find((entry) => entry.marker === undefined && entry.key.equals(key));
  if (vouched) return { state: 'trusted', entry: vouched };

  return {
    state: 'unknown',
    knownAs: names.related.filter((name) =>
      speakingOf(name).some((entry) => entry.marker === undefined && entry.key.equals(key)),
    ),
    certified: own.some((name) => speakingOf(name).some((entry) => entry.marker === 'cert-authority')),
  };
}

/** What ssh2 can verify. SHA-1 (`ssh-rsa`) and DSA are left out, as in OpenSSH ≥ 8.8. */
const ALGORITHMS: readonly { readonly type: string; readonly algorithms: readonly string[] }[] = [
  { type: 'ssh-ed25519', algorithms: ['ssh-ed25519'] },
  { type: 'ecdsa-sha2-nistp256', algorithms: ['ecdsa-sha2-nistp256'] },
  { type: 'ecdsa-sha2-nistp384', algorithms: ['ecdsa-sha2-nistp384'] },
  { type: 'ecdsa-sha2-nistp521', algorithms: ['ecdsa-sha2-nistp521'] },
  { type: 'ssh-rsa', algorithms: ['rsa-sha2-512', 'rsa-sha2-256'] },
];

/**
 * Host-key algorithms in the order to ask for: those of keys that are known first, so that a host
 * known by its RSA key is not a stranger because it has an ED25519 key too.
 */
export function hostKeyAlgorithms(names: HostKeyNames, known: readonly KnownHost[]): string[] {
  const types = new Set<string>();
  for (const name of [names.primary, ...names.spellings, ...names.portless]) {
    for (const entry of known) {
      if (entry.marker === undefined && entryMatches(entry, name)) types.add(entry.type);
    }
    if (types.size > 0) break;
  }
  const isKnown = (row: { type: string }) => types.has(row.type);
  return [...ALGORITHMS.filter(isKnown), ...ALGORITHMS.filter((row) => !isKnown(row))].flatMap((row) => [
    ...row.algorithms,
  ]);
}

/** The error of a verdict, or undefined for `trusted`. @param name of the host, for people */
export function hostKeyError(
  verdict: Verdict,
  key: Buffer,
  name: string,
  names: HostKeyNames,
): HotdeskError | undefined {
  const presented = `${keyType(key) ?? 'unknown type'} ${fingerprintOf(key)}`;
  switch (verdict.state) {
    case 'trusted':
      return undefined;
    case 'unknown': {
      const also =
        verdict.knownAs.length > 0 ? ` You know this very key as ${verdict.knownAs.join(', ')}.` : '';
      const certificate = verdict.certified
        ? ' known_hosts names a certificate authority for it; host certificates are not supported.'
        : '';
      return new HotdeskError(
        'host-key-unknown',
        `The host key of ${name} is not known: ${presented}.${also}${certificate}`,
        {
          hint: `Set it up: \`hotdesk setup ${name}\`. Or compare the fingerprint on that machine, then: hotdesk trust ${name}`,
        },
      );
    }
    case 'changed': {
      const recorded = verdict.entries
        .map((entry) => `${entry.type} ${fingerprintOf(entry.key)} (${entry.file}:${entry.line})`)
        .join(', ');
      const files = [...new Set(verdict.entries.map((entry) => entry.file))];
      const removals = files
        .map((file) => `ssh-keygen -R ${quotePosix(verdict.name)} -f ${quotePosix(file)}`)
        .join(' && ');
      return new HotdeskError(
        'host-key-changed',
        `The host key of ${name} is not the one you know: it presents ${presented}; known is ${recorded}. ` +
          'Somebody may be listening in, or the machine was set up anew.',
        { hint: `Only if you know why it changed: ${removals} && hotdesk trust ${name}` },
      );
    }
    case 'revoked':
      return new HotdeskError(
        'host-key-revoked',
        `The host key of ${name} is marked as revoked in ${verdict.entry.file}:${verdict.entry.line}: ${presented}.`,
        { hint: `Whoever holds a revoked key may not be ${names.primary}: give the host a new key.` },
      );
  }
}
