/**
 * From what the agent tells to what the user is told. Pure: a state, an input and the time give the next
 * state and notices. What belongs together is told together, a little later.
 */
import type { EventData, SeatEvent, Snapshot } from '../../protocol/api.ts';
import { afterSnapshot, NOTHING_KNOWN, type NoticeState } from './known.ts';
import type { Notice } from './notice.ts';
import { backNotice, endedNotice, lostNotice, movedNotice, openedNotice } from './words.ts';

/** Sessions that end together are told together, and by then it is known how they ended, in ms. */
const GATHER_MS = 2500;
/** How a session ended is told about when it is seen to be gone, in ms. */
const END_KEPT_MS = 60_000;
const ENDS_LIMIT = 100;
/** A host is away so long before that is told: a network that changes is no loss, in ms. */
const AWAY_MS = 8000;
/** Open choices; the oldest goes. */
const CHOICES_LIMIT = 10;

export type NoticeInput =
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'seat'; readonly event: SeatEvent }
  | { readonly kind: 'end'; readonly event: EventData<'ended'> }
  /** Time has passed. */
  | { readonly kind: 'tick' }
  /** The user chose, here or elsewhere. */
  | { readonly kind: 'chosen'; readonly key: string }
  /** The agent is gone: what the next one says is no news. */
  | { readonly kind: 'reset' };

export interface Told {
  readonly state: NoticeState;
  readonly notices: readonly Notice[];
  /** When a `tick` is due at the latest, ms; undefined: none is. */
  readonly next: number | undefined;
}

/** @param seat id of the seat that this is for, where there are several on one machine */
export function notices(state: NoticeState, input: NoticeInput, now: number, seat: string | undefined): Told {
  switch (input.kind) {
    case 'snapshot':
      return due(afterSnapshot(state, input.snapshot, now), now);
    case 'seat':
      return afterSeat(state, input.event, now, seat);
    case 'end':
      return told(afterEnd(state, input.event, now), []);
    case 'tick':
      return due(state, now);
    case 'chosen':
      return told({ ...state, open: state.open.filter(({ key }) => key !== input.key) }, []);
    case 'reset':
      return told({ ...NOTHING_KNOWN, open: state.open }, []);
  }
}

function afterEnd(state: NoticeState, { ref, end }: EventData<'ended'>, now: number): NoticeState {
  if (ref === undefined) return state;
  const ends = [...state.ends].filter(([, { at }]) => now - at <= END_KEPT_MS);
  return { ...state, ends: new Map([...ends.slice(-ENDS_LIMIT), [ref, { end, at: now }]]) };
}

/** What has waited long enough is told. */
function due(state: NoticeState, now: number): Told {
  const out: Notice[] = [];
  const hosts = new Map(state.hosts);
  for (const [key, host] of state.hosts) {
    if (host.awaySince !== undefined && !host.told && now >= host.awaySince + AWAY_MS) {
      hosts.set(key, { ...host, told: true });
      out.push(lostNotice(key, host.name, host.sessions));
    } else if (host.awaySince === undefined && host.told) {
      hosts.set(key, { ...host, told: false });
      out.push(backNotice(key, host.name, host.sessions));
    }
  }
  const oldest = Math.min(...state.ended.map(({ at }) => at));
  const tellEnded = state.ended.length > 0 && now >= oldest + GATHER_MS;
  if (tellEnded) {
    for (const hostKey of new Set(state.ended.map((each) => each.hostKey))) {
      const gone = state.ended
        .filter((each) => each.hostKey === hostKey)
        .map(({ ref, name, seen }) => ({ name, seen, end: state.ends.get(ref)?.end }))
        // Closed in front of somebody's eyes, as it should.
        .filter(({ seen, end }) => !(seen && end?.code === 0));
      if (gone.length > 0) out.push(endedNotice(`ended ${hostKey} ${now}`, gone, hosts.get(hostKey)?.name));
    }
  }
  const next = { ...state, hosts, ended: tellEnded ? [] : state.ended };
  return told(next, out);
}

function told(state: NoticeState, out: readonly Notice[]): Told {
  const times = [
    ...state.ended.map(({ at }) => at + GATHER_MS),
    ...[...state.hosts.values()].flatMap(({ awaySince, told: said }) =>
      awaySince === undefined || said ? [] : [awaySince + AWAY_MS],
    ),
  ];
  return { state, notices: out, next: times.length > 0 ? Math.min(...times) : undefined };
}

function afterSeat(state: NoticeState, event: SeatEvent, now: number, seat: string | undefined): Told {
  if (event.what === 'stopped') {
    return told({ ...state, stopping: new Map([...state.stopping, [event.ref, now]]) }, []);
  }
  if (event.seat !== undefined && seat !== undefined && event.seat !== seat) return told(state, []);
  const notice = event.what === 'opened' ? openedNotice(event) : movedNotice(event);
  const open = [...state.open.filter(({ key }) => key !== notice.key), notice].slice(-CHOICES_LIMIT);
  return told({ ...state, open }, [notice]);
}
