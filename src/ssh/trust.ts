/** First contact: shows a host's key, and records it once the user has said yes. */
import { HotdeskError } from '../kernel/errors.ts';
import { Asker } from './auth/asker.ts';
import { AuthChain } from './auth/chain.ts';
import { whileBusy } from './busy.ts';
import { type Dialer, directDialer, proxyDialer } from './connect.ts';
import { hostKeyAlgorithms, judgeHostKey, readShownKey, type Verdict } from './host-key.ts';
import { authorityWord } from './host-key-error.ts';
import { fingerprintOf, keyType } from './known-hosts.ts';
import { appendKnownHost, readKnownHosts } from './known-hosts-files.ts';
import { openLine } from './line.ts';
import { quotePosix } from './quote.ts';
import { resolveTarget, type SshEnvironment } from './ssh-config.ts';
import type { ResolvedTarget, SshTarget } from './target.ts';

export interface PresentedKey {
  /** `ssh-ed25519`, … */
  readonly type: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** Of a certificate: the key that it certifies. */
  readonly key: Buffer;
  /** The line that recordHostKey would add, unhashed. */
  readonly line: string;
  /** What known_hosts makes of it: `trusted`, `unknown`, `changed`, `revoked`. */
  readonly verdict: Verdict;
  /** Where known_hosts names a certificate authority for it: who vouches for the key, or why nobody does. */
  readonly certificate: string | undefined;
  readonly target: ResolvedTarget;
}

/** Ends the handshake once the key is seen. */
class KeySeen extends HotdeskError {
  readonly key: Buffer;
  constructor(key: Buffer) {
    super('cancelled', 'The key was all that was wanted.');
    this.key = key;
  }
}

/**
 * The key that the host presents, alone or in a certificate, without logging in. For a host behind a jump host: Pool.scan.
 * @throws HotdeskError `host-unreachable`, `connection-refused`, `timeout`, `not-supported`, …
 */
export async function scanHostKey(
  target: SshTarget,
  environment: SshEnvironment = {},
  signal?: AbortSignal,
): Promise<PresentedKey> {
  const resolved = await resolveTarget(target, environment, signal);
  if (resolved.jumps.length > 0) {
    throw new HotdeskError('not-supported', `${resolved.name} is behind another host.`);
  }
  return scanThrough(
    resolved,
    resolved.proxyCommand ? proxyDialer(resolved) : directDialer(resolved),
    signal,
  );
}

/** Likewise, by a way that is there already. */
export async function scanThrough(
  resolved: ResolvedTarget,
  dialer: Dialer,
  signal?: AbortSignal,
): Promise<PresentedKey> {
  const known = await readKnownHosts([...resolved.userKnownHosts, ...resolved.globalKnownHosts]);
  const check = {
    algorithms: hostKeyAlgorithms(resolved.hostKey, known),
    judge: (key: Buffer) => new KeySeen(key),
  };
  try {
    const nobody = new AuthChain(resolved, [], new Asker(resolved));
    let isDirect = false;
    const attempt = async () => {
      const dialled = await dialer.open([], signal);
      if (!dialled) throw new HotdeskError('host-unreachable', `${resolved.name} has no address.`);
      isDirect = dialled.address !== undefined;
      return openLine(dialled.stream, resolved, check, nobody, signal);
    };
    const line = await whileBusy(resolved.name, () => isDirect, attempt, signal);
    line.close();
  } catch (error) {
    if (!(error instanceof KeySeen)) throw error;
    const shown = readShownKey(error.key, resolved.name);
    const { key } = shown;
    const type = keyType(key) ?? 'unknown';
    const verdict = judgeHostKey(shown, resolved.hostKey, known, Date.now());
    return {
      type,
      key,
      fingerprint: fingerprintOf(key),
      line: `${[resolved.hostKey.primary, ...resolved.hostKey.spellings].join(',')} ${type} ${key.toString('base64')}`,
      verdict,
      certificate: authorityWord(verdict, key),
      target: resolved,
    };
  }
  throw new HotdeskError('protocol-error', `${resolved.name} showed no host key.`);
}

/**
 * Writes a scanned key to the user's first known_hosts file, under the name that ssh uses and the
 * other spelling of it.
 * @throws HotdeskError `host-key-changed`, `host-key-revoked`: those need the user's hand; `unsafe-file`
 */
export async function recordHostKey(presented: PresentedKey): Promise<void> {
  const { target, verdict, key } = presented;
  const file = target.userKnownHosts[0];
  if (!file)
    throw new HotdeskError('bad-settings', 'UserKnownHostsFile is none: there is nowhere to record a key.');
  if (verdict.state === 'trusted') return;
  if (verdict.state !== 'unknown') {
    const code = verdict.state === 'changed' ? 'host-key-changed' : 'host-key-revoked';
    throw new HotdeskError(code, `Another key is recorded for ${target.name}, or this one is revoked.`, {
      hint: `Remove the old one first: ssh-keygen -R ${quotePosix(target.hostKey.primary)}`,
    });
  }
  await appendKnownHost(
    file,
    [target.hostKey.primary, ...target.hostKey.spellings],
    key,
    target.hashKnownHosts,
  );
}
