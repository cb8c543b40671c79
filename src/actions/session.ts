/** The short actions on one session: detach, stop, rename, info, thumbnail, exec-into. */
import { HotdeskError } from '../kernel/errors.ts';
import { NAME_LIMIT, sanitise } from '../kernel/text.ts';
import type { HostSession } from '../model/session.ts';
import type { Backend, SessionDetails, Thumbnail } from '../profiles/backend.ts';
import type { ActionContext } from './context.ts';

async function on(
  context: ActionContext,
  session: HostSession,
  verb: string,
  signal: AbortSignal,
): Promise<Backend> {
  const backend = await context.backend(context.hostOf(session), session.backend, signal);
  const can: readonly string[] = backend.profile.can;
  if (!can.includes(verb)) {
    throw new HotdeskError('not-supported', `${session.backend} sessions have no ${verb}.`, {
      hint: `It can: ${can.join(', ')}.`,
    });
  }
  return backend;
}

/** Ends every viewer of the session, wherever it is; the session goes on. */
export async function detach(
  context: ActionContext,
  session: HostSession,
  signal: AbortSignal,
): Promise<void> {
  const backend = await on(context, session, 'detach', signal);
  if (backend.profile.detach?.after === 'viewers') await closeOwn(context, session);
  await backend.detach(session.localId, signal);
  await closeOwn(context, session);
  await context.refresh(context.hostOf(session));
}

/** Ends the session itself. */
export async function stop(context: ActionContext, session: HostSession, signal: AbortSignal): Promise<void> {
  const backend = await on(context, session, 'stop', signal);
  await backend.stop(session.localId, signal);
  await closeOwn(context, session);
  await context.refresh(context.hostOf(session));
}

async function closeOwn({ viewers }: ActionContext, session: HostSession): Promise<void> {
  await Promise.all(viewers.of(session.hostKey, session).map((viewer) => viewers.close(viewer.id)));
}

/**
 * Gives the session another name, as one line that can be shown. Its reference stays.
 * @returns the session as it is called now: a backend may not take every character
 * @throws HotdeskError `bad-argument`, `name-taken`, `not-supported`, `session-gone`
 */
export async function rename(
  context: ActionContext,
  session: HostSession,
  wanted: string,
  signal: AbortSignal,
): Promise<HostSession> {
  const name = sanitise(wanted, NAME_LIMIT);
  if (name === '') {
    throw new HotdeskError('bad-argument', 'A name that can be seen was expected.', {
      hint: `${session.name} keeps its name.`,
    });
  }
  const backend = await on(context, session, 'rename', signal);
  await backend.rename(session.localId, name, signal);
  await context.refresh(context.hostOf(session));
  return context.rows().sessions.find(({ ref }) => ref === session.ref) ?? { ...session, name };
}

export async function info(
  context: ActionContext,
  session: HostSession,
  signal: AbortSignal,
): Promise<SessionDetails> {
  const backend = await context.backend(context.hostOf(session), session.backend, signal);
  return backend.info(session.localId, signal);
}

export async function thumbnail(
  context: ActionContext,
  session: HostSession,
  signal: AbortSignal,
): Promise<Thumbnail> {
  const backend = await on(context, session, 'thumbnail', signal);
  return backend.thumbnail(session.localId, signal);
}

export async function execInto(
  context: ActionContext,
  session: HostSession,
  command: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const backend = await on(context, session, 'exec-into', signal);
  await backend.execInto(session.localId, command, signal);
}
