/** API methods that agents use between each other. */
import { attach } from '../../actions/attach.ts';
import type { Catalogue } from '../../catalogue/store.ts';
import { HotdeskError } from '../../kernel/errors.ts';
import { sanitise } from '../../kernel/text.ts';
import type { Sighting } from '../../model/host.ts';
import type { HostSession, Session } from '../../model/session.ts';
import type { Inventory as InventoryData, Params, Party, Result } from '../../protocol/api.ts';
import { HOTDESK_VERSION } from '../../protocol/version.ts';
import type { Prompter } from '../../ssh/ssh.ts';
import type { Announced } from '../announced.ts';
import type { AgentContext } from '../context.ts';
import type { Handovers } from '../handovers.ts';
import type { Inventory } from '../inventory.ts';
import type { Ended, SeatEvents } from '../seat-events.ts';
import type { Seats } from '../seats.ts';
import type { Call, Handlers } from './server.ts';

type PeerMethods =
  | 'inventory'
  | 'inventory.subscribe'
  | 'viewers.announce'
  | 'handover.begin'
  | 'handover.end'
  | 'session.stopping'
  | 'seat.open';

export interface PeerDeps {
  readonly context: AgentContext;
  readonly catalogue: Catalogue;
  readonly inventory: Inventory;
  readonly announced: Announced;
  readonly handovers: Handovers;
  readonly seats: Seats;
  readonly seatEvents: SeatEvents;
  /** Sessions with who watches them, as peers and backends tell. */
  sessions(): Session[];
  /** Is this machine about to sleep? */
  isAsleep(): boolean;
  /** Calls back after each change of the above; the answer ends it. */
  onChange(listener: () => void): () => void;
}

export function peerHandlers(deps: PeerDeps): Pick<Handlers, PeerMethods> {
  const { context, handovers } = deps;
  const inventory = (): InventoryData => ({
    hostId: context.me.hostId,
    host: context.me.host,
    version: HOTDESK_VERSION,
    backends: deps.inventory.versions(),
    sessions: deps.sessions(),
    seats: deps.seats.all().map((s) => s.id),
    ...(deps.isAsleep() ? { asleep: true } : {}),
  });
  /** Handovers that a connection began and has not ended: its loss is their failure. */
  const begun = new WeakMap<Call['connection'], Set<string>>();
  return {
    inventory: async () => {
      await deps.inventory.refresh();
      return inventory();
    },
    'inventory.subscribe': async (_params, call) => {
      // A session that is being looked at just now is in the first answer.
      await deps.inventory.freshen(500);
      let told = '';
      const tell = () => {
        const now = inventory();
        const text = JSON.stringify(now);
        // Most changes are of what is shown here of others'.
        if (text === told) return;
        told = text;
        call.connection.send('inventory', now);
      };
      call.connection.onClose(deps.onChange(tell));
      call.connection.onClose(deps.seatEvents.onStopping((event) => call.connection.send('stopping', event)));
      const tellEnd = ({ isHere, backend, localId, end }: Ended) => {
        if (isHere) call.connection.send('ended', { backend, localId, end });
      };
      call.connection.onClose(deps.seatEvents.onEnded(tellEnd));
      const first = inventory();
      told = JSON.stringify(first);
      return first;
    },
    'viewers.announce': (params, call) => {
      deps.announced.set(call.connection, params.viewers);
      return {};
    },
    'handover.begin': (params, call) => {
      const asked = params.asked && partyOf(params.asked);
      const token = handovers.begin(params, partyOf(params.by), asked);
      let tokens = begun.get(call.connection);
      if (!tokens) {
        const mine = new Set<string>();
        tokens = mine;
        begun.set(call.connection, mine);
        call.connection.onClose(() => {
          for (const open of mine) handovers.end(open, false);
        });
      }
      tokens.add(token);
      return { token };
    },
    'handover.end': (params, call) => {
      begun.get(call.connection)?.delete(params.token);
      handovers.end(params.token, params.ok);
      return {};
    },
    'session.stopping': ({ backend, localId, by }) => {
      const session = context
        .rows()
        .sessions.find(
          (s) => s.hostKey === context.me.hostId && s.backend === backend && s.localId === localId,
        );
      if (!session) return {};
      deps.seatEvents.stopped(session, by);
      deps.seatEvents.stoppingHere(session, by);
      return {};
    },
    'seat.open': async (params, call) => {
      const seat = await deps.seats.pick(undefined);
      const session = await find(deps, params, call.signal);
      const host = context.hostOf(session);
      const isNews = context.viewers.of(host.key, session).every((viewer) => viewer.seat !== seat.id);
      const from = shownAt(context, session);
      const answers = accountAnswers(params);
      const asking = answers && { prompter: undefined, elsewhere: answers.prompter, signal: call.signal };
      let result: Result<'seat.open'>;
      try {
        result = await attach(
          asking ? context.asking(asking) : context,
          {
            ...{ session, host, mode: 'take', options: params.options, seat: seat.id },
            asked: partyOf(params.by),
          },
          call.signal,
          call.progress,
        );
      } catch (error) {
        const user = answers?.unanswered();
        if (user === undefined || call.signal.aborted) throw error;
        return { session, wantsPassword: { user } };
      }
      if (isNews && params.reason === 'send') deps.seatEvents.opened(session, seat.id, params.by, from);
      return result;
    },
  };
}

/**
 * Answers for the person at the other machine, by what came with the request; undefined: nobody is there.
 * `unanswered` is the user whose password is wanted still.
 */
function accountAnswers({ account, mayAsk }: Params<'seat.open'>) {
  if (!account && !mayAsk) return undefined;
  let wanted: string | undefined;
  const prompter: Prompter = {
    ask: async ({ user }) => {
      if (account?.user === user) return [account.password];
      if (mayAsk) wanted = user;
      return undefined;
    },
  };
  return { prompter, unanswered: () => wanted };
}

function partyOf({ hostId, host }: Party): Party {
  return { hostId: hostId.slice(0, 64), host: sanitise(host, 120) };
}

/** The host whose seat shows the session, where it is another than this one. */
function shownAt(context: PeerDeps['context'], session: HostSession): string | undefined {
  const { hosts } = context.rows();
  const names = session.watchers.flatMap((watcher) => {
    const row = hosts.find(
      (host) =>
        (watcher.hostId !== undefined && host.hostId === watcher.hostId) ||
        (watcher.host !== undefined && (host.key === watcher.host || host.name === watcher.host)),
    );
    return row && row.state !== 'local' ? [row.name] : [];
  });
  return names[0];
}

/** The session that a peer means; its host is taken from the peer's word if it was not found here. */
async function find(deps: PeerDeps, params: Params<'seat.open'>, signal: AbortSignal) {
  const { context, catalogue } = deps;
  const { backend, localId, host } = params;
  const name = sanitise(host.name, 120);
  const known = () =>
    context.rows().hosts.find((h) => (host.hostId ? h.hostId === host.hostId : h.name === name));
  if (!known()) {
    const told: Sighting = {
      finder: 'manual',
      key: `peer:${host.hostId ?? host.name}`,
      name,
      hostName: host.hostName,
      addresses: host.addresses,
      sshPort: host.sshPort,
      services: [],
    };
    catalogue.found(told);
  }
  const row = known() ?? context.host(name);
  if (row.state !== 'local') await context.refresh(row);
  const session = context
    .rows()
    .sessions.find(
      (s) => s.backend === backend && s.localId === localId && (s.hostKey === row.key || s.host === row.name),
    );
  if (!session) {
    throw new HotdeskError('session-gone', `${backend}:${localId} is not on ${row.name} any more.`);
  }
  return context.session(session.ref, signal);
}
