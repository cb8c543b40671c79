/** Claims the handover of a session: from who lists it, so that two do not take it at once. */
import type { Handover } from '../actions/context.ts';
import { withTimeout } from '../kernel/abort.ts';
import type { Host } from '../model/host.ts';
import type { Party } from '../protocol/api.ts';
import { ANSWER_MS, noAnswer } from './answering.ts';
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

/** Tells our own viewers. */
type Tell = (phase: 'begin' | 'done' | 'failed') => void;

/**
 * Where the host's agent does not answer in time it is taken over as on a host without one.
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
  const { me: by, handovers, viewers } = deps;
  if (host.state === 'local') {
    const token = handovers.begin(what, by, asked);
    return { end: async (ok) => handovers.end(token, ok) };
  }
  const { peer } = await deps.connected(host);
  const tell: Tell = (phase) => viewers.onHandover(host.key, { ...what, by, phase });
  if (!peer) return claimAlone(tell);
  const begun = peer.call('handover.begin', { ...what, by, ...(asked ? { asked } : {}) }, { signal });
  const end = (token: string, ok: boolean) =>
    withTimeout(ANSWER_MS, noAnswer(host.name), undefined, () => peer.call('handover.end', { token, ok }));
  const hangs = noAnswer(host.name);
  try {
    const { token } = await withTimeout(ANSWER_MS, hangs, signal, () => begun);
    return { end: async (ok) => void (await end(token, ok)) };
  } catch (error) {
    if (error !== hangs) {
      // Stopped by whoever wanted it: what it grants after all is given back.
      begun.then(({ token }) => end(token, false)).catch(() => {});
      throw error;
    }
  }
  return claimSilent(begun, end, tell);
}

/**
 * Our own viewers are told in the meantime. What is granted afterwards ends as it has ended: those that
 * had the session may not be gone yet, and would take it back.
 */
function claimSilent(
  begun: Promise<{ readonly token: string }>,
  end: (token: string, ok: boolean) => Promise<unknown>,
  tell: Tell,
): Handover {
  let granted: string | undefined;
  let outcome: boolean | undefined;
  tell('begin');
  begun
    .then(async ({ token }) => {
      if (outcome === undefined) granted = token;
      else {
        // It began for the new viewer too, which its “done” would close.
        tell('failed');
        await end(token, outcome);
      }
    })
    .catch(() => {});
  return {
    end: async (ok) => {
      outcome = ok;
      tell(ok ? 'done' : 'failed');
      if (granted !== undefined) await end(granted, ok);
    },
  };
}

/** Without an agent on the host nobody but our own viewers can be told. */
function claimAlone(tell: Tell): Handover {
  tell('begin');
  return { end: async (ok) => tell(ok ? 'done' : 'failed') };
}
