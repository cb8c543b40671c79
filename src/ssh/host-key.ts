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
 * A key that comes in a certificate is trusted if an authority that is marked @cert-authority under
 * those names signed it for this host; else, as in OpenSSH, the key counts as if it had come alone.
 *
 * No other name counts, because who chose it? Names and addresses from mDNS are claims of whoever
 * sent them: an advert “alpha, also beta.local, at 10.0.0.9” must not make beta's key, or that of
 * the machine that once had 10.0.0.9, pass for alpha's. If such a name has the key, the error says
 * so, and the user decides with `hotdesk trust`.
 *
 * A key marked @revoked under any of these names is refused first, and so is one whose authority is.
 */
import { HotdeskError } from '../kernel/errors.ts';
import { isCertificate } from './auth/certificate.ts';
import { type HostCertificate, parseHostCertificate, refusalOf } from './host-certificate.ts';
import { CERTIFICATE_ALGORITHMS } from './host-certificate-kex.ts';
import { entryMatches, fingerprintOf, type KnownHost } from './known-hosts.ts';
import type { HostKeyNames } from './target.ts';

/** The host proved to hold the key, not that the certificate means anything. */
export interface ShownKey {
  readonly key: Buffer;
  /** What the key came in. */
  readonly certificate?: HostCertificate | undefined;
}

export type Verdict =
  /** The entry is that of the key, or of the authority that vouches for it. */
  | { readonly state: 'trusted'; readonly entry: KnownHost }
  | { readonly state: 'unknown'; readonly knownAs: readonly string[]; readonly doubt: string | undefined }
  | {
      readonly state: 'changed';
      readonly entries: readonly KnownHost[];
      readonly name: string;
      readonly doubt: string | undefined;
    }
  /** The entry is that of the key, or of the authority that signed it. */
  | { readonly state: 'revoked'; readonly entry: KnownHost };

/**
 * What the host presented: a key, or a certificate.
 * @param name of the host, for people
 * @throws HotdeskError `protocol-error` for a certificate that is none
 */
export function readShownKey(blob: Buffer, name: string): ShownKey {
  if (!isCertificate(blob)) return { key: blob };
  const certificate = parseHostCertificate(blob);
  if (certificate) return { key: certificate.key, certificate };
  throw new HotdeskError(
    'protocol-error',
    `${name} shows a host certificate that is broken, or not signed by the authority that it names.`,
    { hint: 'Look at it there: ssh-keygen -Lf on the file that HostCertificate names in its sshd_config.' },
  );
}

/** The rule above. @param at milliseconds since 1970 */
export function judgeHostKey(
  shown: ShownKey,
  names: HostKeyNames,
  known: readonly KnownHost[],
  at: number,
): Verdict {
  const { key, certificate } = shown;
  const speakingOf = (name: string) => known.filter((entry) => entryMatches(entry, name));
  const own = [names.primary, ...names.spellings, ...names.portless];
  const revoked = [...own, ...names.related]
    .flatMap(speakingOf)
    .find(
      (entry) =>
        entry.marker === 'revoked' && (entry.key.equals(key) || certificate?.authority.equals(entry.key)),
    );
  if (revoked) return { state: 'revoked', entry: revoked };

  const word = wordOfAuthorities(certificate, names, known, at);
  if (typeof word === 'object') return { state: 'trusted', entry: word };

  for (const name of [names.primary, ...names.spellings]) {
    const entries = speakingOf(name).filter((entry) => entry.marker === undefined);
    const match = entries.find((entry) => entry.key.equals(key));
    if (match) return { state: 'trusted', entry: match };
    if (entries.length > 0) return { state: 'changed', entries, name, doubt: word };
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
    doubt: word,
  };
}

/** The entry of the authority that vouches for the key; or why none of those that could does; undefined: none could. */
function wordOfAuthorities(
  certificate: HostCertificate | undefined,
  names: HostKeyNames,
  known: readonly KnownHost[],
  at: number,
): KnownHost | string | undefined {
  const authorities = authoritiesOf(names, known);
  const [first] = authorities;
  if (!first) return undefined;
  if (!certificate) {
    return `known_hosts names a certificate authority for it, ${placeOf(first.entry)}, but it shows no certificate.`;
  }
  const match = authorities.find(({ entry }) => entry.key.equals(certificate.authority));
  if (!match) {
    return `Its certificate is by an authority that known_hosts does not name for it, ${fingerprintOf(certificate.authority)}; it names ${placeOf(first.entry)}.`;
  }
  const refusal = refusalOf(certificate, match.principal, at);
  return refusal === undefined
    ? match.entry
    : `Its certificate by the authority ${placeOf(match.entry)} ${refusal}.`;
}

/** Those that may speak for the host, each with the name that its certificate must be for. */
function authoritiesOf(names: HostKeyNames, known: readonly KnownHost[]) {
  const spelled = [names.primary, ...names.spellings];
  const deciding = spelled.findIndex((name) =>
    known.some((entry) => entry.marker !== 'revoked' && entryMatches(entry, name)),
  );
  const [own] = names.principals;
  const places = [
    ...spelled
      .slice(deciding, deciding + 1)
      .map((name) => ({ name, principal: names.principals[deciding] ?? own })),
    ...names.portless.map((name) => ({ name, principal: own })),
  ];
  return places.flatMap(({ name, principal }) =>
    known
      .filter((entry) => entry.marker === 'cert-authority' && entryMatches(entry, name))
      .map((entry) => ({ entry, principal })),
  );
}

function placeOf({ key, file, line }: KnownHost): string {
  return `${fingerprintOf(key)} (${file}:${line})`;
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
 * known by its RSA key is not a stranger because it has an ED25519 key too. Certificates are asked
 * for where known_hosts marks an authority, or what is revoked: before the keys, but for known ones of
 * a name that comes before the mark's. ssh takes its own order, certificates first, where it knows an
 * ED25519 key.
 */
export function hostKeyAlgorithms(names: HostKeyNames, known: readonly KnownHost[]): string[] {
  const named = [names.primary, ...names.spellings, ...names.portless].map((name) =>
    known.filter((entry) => entryMatches(entry, name)),
  );
  const isMark = (entry: KnownHost) => entry.marker !== undefined;
  const keys = named.find((entries) => !entries.every(isMark)) ?? [];
  const types = new Set(keys.filter((entry) => !isMark(entry)).map((entry) => entry.type));
  const isKnown = (row: { type: string }) => types.has(row.type);
  const first = named.find((entries) => entries.length > 0) ?? [];
  const isBefore = first.some(isMark) || types.has('ssh-ed25519');
  const certificates = named.some((entries) => entries.some(isMark)) ? CERTIFICATE_ALGORITHMS : [];
  return [
    ...(isBefore ? certificates : []),
    ...ALGORITHMS.filter(isKnown).flatMap((row) => row.algorithms),
    ...(isBefore ? [] : certificates),
    ...ALGORITHMS.filter((row) => !isKnown(row)).flatMap((row) => row.algorithms),
  ];
}
