/** Claims the handover of a session: from who lists it, so that two do not take it at once. */
import type { Handover } from '../actions/context.ts';
import type { Host } from '../model/host.ts';
import type { Party } from '../protocol/api.ts';
import type { Handovers } from './handovers.ts';
import type { Connected } from './link.ts';
import type { ViewerRegistry } from './viewers.ts';

export interface ClaimDeps {
  readonly me: Party;
  /** Those of the sessions of this machine. */
  readonly handovers: Pick<Handovers, 'begin' | 'end'>;
  readonly viewers: Pick<ViewerRegistry, 'onHandover'>;
  connected(host: Host): Promise<Pick<Connected, 'peer'>>;
}

/**
 * @param asked who wants it, where that is not this machine
 * @throws HotdeskError `session-busy`: another handover of it is under way
 */
export async function claimAt(
  host: Host,
  session: { readonly backend: string; readonly localId: string },
  deps: ClaimDeps,
  signal: AbortSignal,
  asked?: Party,
): Promise<Handover> {
  const what = { backend: session.backend, localId: session.localId };
  const { me: by, handovers } = deps;
  if (host.state === 'local') {
    const token = handovers.begin(what, by, asked);
    return { end: async (ok) => handovers.end(token, ok) };
  }
  const { peer } = await deps.connected(host);
  if (!peer) return claimAlone(host.key, { ...what, by }, deps.viewers);
  const { token } = await peer.call(
    'handover.begin',
    { ...what, by, ...(asked ? { asked } : {}) },
    { signal },
  );
  return {
    end: async (ok) => {
      await peer.call('handover.end', { token, ok });
    },
  };
}

/** Without an agent on the host nobody but our own viewers can be told. */
function claimAlone(
  hostKey: string,
  what: { readonly backend: string; readonly localId: string; readonly by: Party },
  viewers: ClaimDeps['viewers'],
): Handover {
  viewers.onHandover(hostKey, { ...what, phase: 'begin' });
  return {
    end: async (ok) => viewers.onHandover(hostKey, { ...what, phase: ok ? 'done' : 'failed' }),
  };
}
