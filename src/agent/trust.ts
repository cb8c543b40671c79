/** First contact: the key that a host presents, and recording it once the user has said yes. */
import { HotdeskError } from '../kernel/errors.ts';
import type { Host } from '../model/host.ts';
import type { ScannedKey } from '../protocol/api.ts';
import { type Pool, type PresentedKey, type Prompter, targetOf } from '../ssh/ssh.ts';
import { requireSame } from './api/admin.ts';

/** @param prompter for a jump host on the way */
export async function scan(
  pool: Pool,
  host: Host,
  signal: AbortSignal,
  prompter?: Prompter,
): Promise<ScannedKey> {
  return shown(host, await present(pool, host, signal, prompter));
}

/**
 * Records the key, if the host still presents the one that the user saw.
 * @throws HotdeskError `host-key-changed`, `host-key-revoked`
 */
export async function record(
  pool: Pool,
  host: Host,
  fingerprint: string,
  signal: AbortSignal,
  prompter?: Prompter,
): Promise<ScannedKey> {
  const presented = await present(pool, host, signal, prompter);
  const key = shown(host, presented);
  requireSame(fingerprint, key);
  const { recordHostKey } = await import('../ssh/ssh.ts');
  await recordHostKey(presented);
  // What was said of its certificate was why nobody knew it.
  const { certificate: _, ...known } = key;
  return { ...known, state: 'known' };
}

async function present(
  pool: Pool,
  host: Host,
  signal: AbortSignal,
  prompter: Prompter | undefined,
): Promise<PresentedKey> {
  if (host.state === 'local') {
    throw new HotdeskError('bad-argument', `${host.name} is this machine: there is nothing to trust.`);
  }
  return pool.scan(targetOf(host), signal, prompter);
}

function shown(host: Host, presented: PresentedKey): ScannedKey {
  const { state } = presented.verdict;
  const { certificate } = presented;
  const claims = host.adverts.flatMap((a) => (a.fingerprint ? [a.fingerprint] : []));
  return {
    host: host.name,
    type: presented.type,
    fingerprint: presented.fingerprint,
    state: state === 'trusted' ? 'known' : state,
    ...(certificate === undefined ? {} : { certificate }),
    ...(claims.length ? { advertAgrees: claims.every((c) => c === presented.fingerprint) } : {}),
  };
}
