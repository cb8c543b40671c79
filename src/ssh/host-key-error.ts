/** What is said of a host key that is not trusted, and of one that is. */
import { HotdeskError } from '../kernel/errors.ts';
import type { Verdict } from './host-key.ts';
import { fingerprintOf, type KnownHost, keyType } from './known-hosts.ts';
import { quotePosix } from './quote.ts';
import type { HostKeyNames } from './target.ts';

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
      const renew =
        verdict.doubt === undefined ? '' : 'Whoever runs the authority can sign a new certificate. ';
      return new HotdeskError(
        'host-key-unknown',
        `The host key of ${name} is not known: ${presented}.${also}${doubtOf(verdict)}`,
        {
          hint: `${renew}Set it up: \`hotdesk setup ${name}\`. Or compare the fingerprint on that machine, then: hotdesk trust ${name}`,
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
          `Somebody may be listening in, or the machine was set up anew.${doubtOf(verdict)}`,
        { hint: `Only if you know why it changed: ${removals} && hotdesk trust ${name}` },
      );
    }
    case 'revoked': {
      const { file, line } = verdict.entry;
      if (verdict.entry.key.equals(key)) {
        return new HotdeskError(
          'host-key-revoked',
          `The host key of ${name} is marked as revoked in ${file}:${line}: ${presented}.`,
          { hint: `Whoever holds a revoked key may not be ${names.primary}: give the host a new key.` },
        );
      }
      return new HotdeskError(
        'host-key-revoked',
        `The certificate authority of the host key of ${name} is marked as revoked in ${file}:${line}: ${fingerprintOf(verdict.entry.key)}.`,
        {
          hint: `Give ${names.primary} a certificate by another authority, or none (HostCertificate in its sshd_config).`,
        },
      );
    }
  }
}

function doubtOf({ doubt }: { readonly doubt: string | undefined }): string {
  return doubt === undefined ? '' : ` ${doubt}`;
}

/** What a certificate authority in known_hosts does for the key: “vouched for by …”, or why it does not. */
export function authorityWord(verdict: Verdict, key: Buffer): string | undefined {
  switch (verdict.state) {
    case 'trusted':
      return vouchedFor(verdict.entry);
    case 'revoked': {
      const { entry } = verdict;
      if (entry.key.equals(key)) return undefined;
      return `Its certificate authority, ${fingerprintOf(entry.key)}, is marked as revoked (${entry.file}:${entry.line}).`;
    }
    default:
      return verdict.doubt;
  }
}

/** “vouched for by …” if an authority's entry is what makes the key trusted. */
export function vouchedFor({ marker, key, file, line }: KnownHost): string | undefined {
  if (marker !== 'cert-authority') return undefined;
  return `vouched for by certificate authority ${fingerprintOf(key)} from ${file} line ${line}`;
}
