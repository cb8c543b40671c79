/**
 * Takes a running session to another host, where its backend can (profile section `migrate`). The
 * stream goes through here: from a socket of the source's to one of the target's. Until the target has
 * been told to take it, the source has all of it and goes on whatever happens.
 */
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { randomId } from '../kernel/ids.ts';
import type { Host } from '../model/host.ts';
import type { HostSession } from '../model/session.ts';
import type { ActionResult } from '../protocol/api.ts';
import type { ActionContext, Report } from './context.ts';
import { bringViewers, stillShown } from './follow.ts';
import { Journey } from './journey.ts';

export interface MigrateRequest {
  readonly session: HostSession;
  readonly to: Host;
  /** Bytes a second; undefined: as fast as it goes. */
  readonly limit: number | undefined;
}

/** Bytes a second that no line here has. */
const UNLIMITED = 10_000_000_000;
/**
 * @throws HotdeskError `not-supported` with the reason where it cannot go; on every failure before the
 * target has it, the session runs on where it was
 */
export async function migrate(
  context: ActionContext,
  { session, to, limit }: MigrateRequest,
  signal: AbortSignal,
  report: Report,
): Promise<ActionResult> {
  const began = Date.now();
  const from = context.hostOf(session);
  if (from.key === to.key)
    throw new HotdeskError('bad-argument', `${session.name} is on ${to.name} already.`);
  const backend = await context.backend(from, session.backend, signal);
  if (!backend.profile.can.includes('migrate')) throw immovable(session, to);
  const there = await context.backend(to, session.backend, signal);
  const found = await there.detect(signal);
  if (!found.present) {
    const { message = 'it is not installed', hint } = found.missing ?? {};
    throw new HotdeskError('backend-missing', `${to.name}: ${message}`, { hint });
  }
  const journey = new Journey(
    context,
    session.backend,
    { from, to },
    {
      migrationId: randomId(),
      localId: session.localId,
      limit: String(limit ?? UNLIMITED),
      source: from.name,
      target: to.name,
    },
    session.watchers,
  );
  const said = await journey.depart(signal, report);
  // From here on it is there: nobody stops it half way.
  const { hostKey: _key, host: _host, ref: _ref, pid: _pid, ...kept } = session;
  const arrived = context.remember(to, { ...kept, localId: said.id ?? '', watchers: [] });
  const followed = await journey.followed(said, arrived);
  const { viewer, failed } = await bringViewers(context, journey.shown, arrived, to, report);
  const left = await journey.leave().then(
    () => undefined,
    (error: unknown) =>
      `What is halted of it on ${from.name} could not be ended: ${toHotdeskError(error).message}`,
  );
  const stayed = followed && (await stillShown(context, followed, arrived, to));
  await Promise.allSettled([context.refresh(from), context.refresh(to)]);
  const why = [...failed, ...(left ? [left] : [])].join(' ');
  return {
    session: arrived,
    ...((stayed ?? viewer) ? { viewer: stayed ?? viewer } : {}),
    ...(why ? { why } : {}),
    timings: { total: Date.now() - began },
  };
}

function immovable(session: HostSession, to: Host): HotdeskError {
  return new HotdeskError(
    'not-supported',
    `A running ${session.backend} session cannot be taken to another host: what runs in it would have to be stopped.`,
    {
      hint: `\`hotdesk migrate ${session.ref} --to ${to.name} --relaunch\` starts the same command there and leaves this one running; \`hotdesk move ${session.ref} --to ${to.name}\` shows it at the desk there.`,
    },
  );
}
