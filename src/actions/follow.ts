/** The viewers of a session that has gone to another host come after it, each at its seat. */
import { sleep } from '../kernel/abort.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { sanitiseName } from '../kernel/text.ts';
import type { Host } from '../model/host.ts';
import type { HostSession } from '../model/session.ts';
import type { Viewer } from '../model/viewer.ts';
import type { ActionContext, Report } from './context.ts';
import { toldHost } from './told-host.ts';

/** How long a seat may take to show it again, in ms. */
const SHOW_MS = 45_000;
/** A viewer whose server is gone has ended by then, in ms. */
const ENDING_MS = 500;

/** Where a session was shown. */
export interface Shown {
  /** Here. */
  readonly viewers: readonly Viewer[];
  readonly watchers: HostSession['watchers'];
}

export interface Followed {
  /** The one at a seat of this machine. */
  readonly viewer?: Viewer;
  /** For people: seats where it is not shown any more, and why. */
  readonly failed: readonly string[];
}

/**
 * Opens it at every seat that showed it. Where the source is only halted, the viewers of before still
 * show that, and end when it is ended: so there is no moment without a picture.
 */
export async function bringViewers(
  context: ActionContext,
  before: Shown,
  now: HostSession,
  to: Host,
  report: Report,
): Promise<Followed> {
  const here = before.viewers;
  const seats = [...new Set(here.map(({ seat }) => seat))];
  // With their names, where the backend knows them.
  const elsewhere = new Map(
    before.watchers.flatMap(({ hostId, host }): [string, string | undefined][] =>
      hostId === undefined || hostId === context.me.hostId ? [] : [[hostId, host]],
    ),
  );
  const failed: string[] = [];
  const note = (where: string, error: unknown) => {
    failed.push(`It is not shown at ${where} any more: ${toHotdeskError(error).message}`);
  };
  let viewer: Viewer | undefined;
  for (const seat of seats) {
    report('opening it where it is now');
    try {
      viewer = await openAt(context, now, to, seat);
      for (const old of here) if (old.seat === seat) await context.viewers.close(old.id);
    } catch (error) {
      note(seat, error);
    }
  }
  for (const [hostId, called] of elsewhere) {
    const host = context.rows().hosts.find((each) => each.hostId === hostId);
    const name = host?.name ?? sanitiseName(called ?? '', 'another host');
    report(`${name} opens it where it is now`);
    try {
      const peer = host && (await context.peer(host, AbortSignal.timeout(SHOW_MS)));
      if (!peer) throw new HotdeskError('agent-unavailable', 'no hotdesk agent answers there.');
      await peer.call('seat.open', openThere(context, now, to), AbortSignal.timeout(SHOW_MS), report);
    } catch (error) {
      note(name, error);
    }
  }
  return { ...(viewer ? { viewer } : {}), failed };
}

/** A viewer that followed by itself ends where that went wrong after all, and is opened anew then. */
export async function stillShown(
  context: ActionContext,
  viewer: Viewer,
  now: HostSession,
  to: Host,
): Promise<Viewer | undefined> {
  await sleep(ENDING_MS);
  if (context.viewers.of(to.key, now).some(({ id }) => id === viewer.id)) return viewer;
  return openAt(context, now, to, viewer.seat).catch(() => undefined);
}

async function openAt(context: ActionContext, now: HostSession, to: Host, seat: string): Promise<Viewer> {
  const signal = AbortSignal.timeout(SHOW_MS);
  const backend = await context.backend(to, now.backend, signal);
  const options = await context.options(backend, { host: to, session: now.name, seat }, {});
  return context.viewers.open({ host: to, backend, session: now, seat, mode: 'take', options }, signal);
}

function openThere({ me }: ActionContext, { backend, localId }: HostSession, host: Host) {
  return {
    ...{ backend, localId, options: {}, by: me, reason: 'return' as const },
    host: toldHost(host),
  };
}
