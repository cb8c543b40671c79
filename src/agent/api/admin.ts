/** API methods about the agent itself: status, catalogue, trust, settings, profiles, doctor. */
import type { Catalogue } from '../../catalogue/store.ts';
import { sleep } from '../../kernel/abort.ts';
import { HotdeskError } from '../../kernel/errors.ts';
import type { Check, Params, ScannedKey, SettingRow, Snapshot, Status } from '../../protocol/api.ts';
import { excerptOf } from '../../protocol/excerpt.ts';
import type { AgentContext } from '../context.ts';
import type { Ended, SeatEvents } from '../seat-events.ts';
import type { Seats } from '../seats.ts';
import type { Call, Handlers } from './server.ts';

type AdminMethods =
  | 'status'
  | 'catalogue'
  | 'subscribe'
  | 'seat.register'
  | 'trust.scan'
  | 'trust.record'
  | 'trust.leave'
  | 'config.list'
  | 'config.set'
  | 'profiles.list'
  | 'profiles.show'
  | 'profiles.check'
  | 'doctor'
  | 'agent.stop';

export interface AdminDeps {
  readonly context: AgentContext;
  readonly catalogue: Catalogue;
  readonly seats: Seats;
  readonly seatEvents: SeatEvents;
  status(): Promise<Status>;
  lookAround(waitMs: number, signal: AbortSignal): Promise<void>;
  /** For what a call does, whose view may be asked for passwords. */
  contextOf(call: Call): AgentContext;
  scan(params: Params<'trust.scan'>, call: Call): Promise<ScannedKey>;
  leave(host: string): boolean;
  record(params: Params<'trust.record'>, call: Call): Promise<ScannedKey>;
  readonly settings: {
    readonly path: string;
    list(): readonly SettingRow[];
    set(key: string, text: string): Promise<SettingRow>;
    unset(key: string): Promise<SettingRow>;
  };
  onSettings(): Promise<void>;
  readonly profiles: Pick<Handlers, 'profiles.list' | 'profiles.show' | 'profiles.check'>;
  doctor(host: string | undefined, call: Call): Promise<Check[]>;
  stop(): void;
}

/** A view gets at most this many snapshots a second, in ms between them. */
const EVENT_MS = 100;
/** How often a watching view says that it is still interested, in ms. */
const INTEREST_MS = 20_000;
/** A view that has not read this much yet gets no further snapshot until it has, in bytes. */
const SLOW_VIEW = 1024 * 1024;

export function adminHandlers(deps: AdminDeps): Pick<Handlers, AdminMethods> {
  const { catalogue, settings } = deps;
  return {
    status: () => deps.status(),
    catalogue: async (params, call) => {
      await look(deps, params, call);
      return catalogue.snapshot();
    },
    subscribe: ({ atMost }, call) => {
      const shown = () => (atMost ? excerptOf(catalogue.snapshot(), atMost) : catalogue.snapshot());
      follow(deps, call, shown, atMost !== undefined);
      return shown();
    },
    'seat.register': async (params) => {
      await deps.seats.register(params);
      return {};
    },
    'trust.scan': (params, call) => deps.scan(params, call),
    'trust.leave': (params) => ({ left: deps.leave(params.host) }),
    'trust.record': (params, call) => deps.record(params, call),
    'config.list': () => ({ path: settings.path, settings: [...settings.list()] }),
    'config.set': async (params) => {
      const row = await (params.value === undefined
        ? settings.unset(params.key)
        : settings.set(params.key, params.value));
      await deps.onSettings();
      return row;
    },
    ...deps.profiles,
    doctor: async (params, call) => ({ checks: await deps.doctor(params.host, call) }),
    'agent.stop': (_params, call) => {
      call.connection.onClose(() => deps.stop());
      // A caller that stays is not waited for.
      setTimeout(() => deps.stop(), 300);
      return {};
    },
  };
}

async function look(deps: AdminDeps, params: Params<'catalogue'>, call: Call): Promise<void> {
  if (params.look === 'auto') {
    await Promise.all([deps.lookAround(params.waitMs, call.signal), deps.context.freshen()]);
  }
  if (params.host === undefined) return;
  const host = await deps.context.findHost(params.host, call.signal);
  call.progress(`asking ${host.name}`);
  await deps.contextOf(call).refresh(host);
}

/** Sends a snapshot after each change, the last one always, none faster than the view reads. */
function follow(deps: AdminDeps, call: Call, shown: () => Snapshot, isExcerpt: boolean): void {
  const { catalogue } = deps;
  const { connection, signal } = call;
  // Who watches is interested: hosts that come are looked at, and connections are kept.
  const look = () => void deps.lookAround(0, signal).catch(() => {});
  const interest = setInterval(look, INTEREST_MS);
  interest.unref();
  let open = true;
  let waiting = false;
  let sentAt = 0;
  let last = '';
  const isSame = (snapshot: Snapshot) => {
    const text = JSON.stringify(snapshot);
    const same = text === last;
    last = text;
    return same;
  };
  const send = async () => {
    if (waiting) return;
    waiting = true;
    look();
    await sleep(Math.max(0, sentAt + EVENT_MS - Date.now()));
    while (open && connection.backlog() > SLOW_VIEW) await sleep(EVENT_MS);
    waiting = false;
    sentAt = Date.now();
    if (!open) return;
    const snapshot = shown();
    // Most changes of a large catalogue are below what an excerpt shows.
    if (isExcerpt && isSame(snapshot)) return;
    connection.send('catalogue', snapshot);
  };
  const end = catalogue.onChange(() => void send());
  connection.onClose(deps.seatEvents.on((event) => connection.send('seat', event)));
  const tellEnd = ({ ref, backend, localId, end }: Ended) =>
    connection.send('ended', { ref, backend, localId, end });
  connection.onClose(deps.seatEvents.onEnded(tellEnd));
  connection.onClose(() => {
    open = false;
    clearInterval(interest);
    end();
  });
}

/** Waits until `settled` holds or the time is over; asks again after each change of the catalogue. */
export async function until(
  settled: (snapshot: Snapshot) => boolean,
  catalogue: Catalogue,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + waitMs;
  while (Date.now() < deadline && !settled(catalogue.snapshot())) {
    await sleep(Math.min(30, Math.max(1, deadline - Date.now())), signal);
  }
}

/** @throws HotdeskError `host-key-changed` when the host presents another key now than the user saw */
export function requireSame(seen: string, now: ScannedKey): void {
  if (seen === now.fingerprint) return;
  throw new HotdeskError(
    'host-key-changed',
    `${now.host} now presents ${now.fingerprint}, not ${seen.slice(0, 80)}.`,
    {
      hint: 'Nothing was recorded. Compare again, at the machine itself: `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`.',
    },
  );
}
