/**
 * The old seat's way out of a handover whose host cannot say any more how it ended, because its agent
 * or the way to it is gone: the session's real state is looked at instead. Nobody there: it comes back.
 */
import type { EventData } from '../protocol/api.ts';

type Taken = EventData<'handover'>;

export interface TakenDeps {
  /** What is being taken from this seat on that host, its outcome unknown: each time the same of the same handover. */
  taken(hostKey: string): readonly Taken[];
  /** Does this machine still show it? */
  isShown(hostKey: string, session: Taken): boolean;
  /** Viewers that the host counts; undefined while it cannot be asked. */
  watchers(hostKey: string, session: Taken): Promise<number | 'gone' | undefined>;
  settle(hostKey: string, event: Taken): void;
  sleep(ms: number): Promise<void>;
}

/** Between two looks, in ms. */
const LOOK_MS = 2000;
/** A new viewer may take a moment; so long nobody must have been there, in looks. */
const EMPTY_LOOKS = 2;
/** As long as a host waits for the end of a handover, in looks. */
const MOST_LOOKS = 45;

/** Settles each handover on that host that is open now, unless its host's word comes first. */
export async function settleTaken(deps: TakenDeps, hostKey: string): Promise<void> {
  await Promise.all(deps.taken(hostKey).map((taken) => settleOne(deps, hostKey, taken)));
}

async function settleOne(deps: TakenDeps, hostKey: string, taken: Taken): Promise<void> {
  // A later one of the same session is another agent's to end.
  const isOpen = () => deps.taken(hostKey).includes(taken);
  let empty = 0;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    await deps.sleep(LOOK_MS);
    if (!isOpen()) return;
    const watchers = await deps.watchers(hostKey, taken);
    if (!isOpen()) return;
    if (watchers === 'gone') break;
    if (watchers === undefined) continue;
    empty = watchers === 0 ? empty + 1 : 0;
    if (empty === EMPTY_LOOKS) return deps.settle(hostKey, { ...taken, phase: 'failed' });
  }
  // What is still shown here stays; what somebody else has is theirs.
  deps.settle(hostKey, { ...taken, phase: deps.isShown(hostKey, taken) ? 'failed' : 'done' });
}
