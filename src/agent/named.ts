/** Which host and which session a text means, by what the catalogue has. */
import type { Rows } from '../catalogue/reduce.ts';
import { sleep } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { type Host, namesOf } from '../model/host.ts';
import { resolveRef } from '../model/ref.ts';
import type { HostSession } from '../model/session.ts';
import { pickHost } from './links.ts';

/** Between two looks at whether a host has been found, in ms. */
const FIND_MS = 30;

/**
 * The host that `text` means; an agent that has just started (`isYoung`) gives it the time to be found.
 * @throws HotdeskError `unknown-host`, `ambiguous`
 */
export async function hostNamed(
  text: string,
  rows: () => Rows,
  isYoung: () => boolean,
  signal: AbortSignal,
): Promise<Host> {
  for (;;) {
    try {
      return pickHost(text, rows().hosts);
    } catch (error) {
      const isNews = error instanceof HotdeskError && error.code === 'unknown-host';
      if (!isNews || !isYoung()) throw error;
    }
    await sleep(FIND_MS, signal);
  }
}

/** @throws HotdeskError `unknown-session`, `ambiguous` */
export function sessionNamed(ref: string, { hosts, sessions }: Rows): HostSession {
  const names = new Map(hosts.map((host) => [host.key, namesOf(host)]));
  return resolveRef(ref, sessions, (key) => names.get(key) ?? []);
}

/** @throws HotdeskError `unknown-host`: it has gone since the session was listed */
export function hostOfSession(session: HostSession, { hosts }: Rows): Host {
  const host = hosts.find(({ key }) => key === session.hostKey);
  if (!host) {
    throw new HotdeskError('unknown-host', `${session.host} is gone.`, { hint: 'See `hotdesk hosts`.' });
  }
  return host;
}
