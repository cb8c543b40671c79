/** How sessions of this host ended, told to who may want to know. Asked only when one has gone. */
import { toHotdeskError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Session } from '../model/session.ts';
import type { SessionEnd } from '../model/session-end.ts';
import type { Backend } from '../profiles/backend.ts';
import { sessionEnd } from '../profiles/ended.ts';

/** Sessions that go together; of more nobody reads the last words. */
const MOST = 8;

/** @param tell called for each of which it is known. Never fails. */
export async function tellEnds(
  { profile, machine }: Backend,
  gone: readonly Session[],
  tell: (session: Session, end: SessionEnd) => void,
  log: Logger,
): Promise<void> {
  if (!profile.ended) return;
  await Promise.all(
    gone.slice(0, MOST).map(async (session) => {
      try {
        const end = await sessionEnd(profile, machine, session);
        if (end) tell(session, end);
      } catch (error) {
        const { code, message } = toHotdeskError(error);
        log.warn({ backend: profile.name, code }, `how a session ended is not known: ${message}`);
      }
    }),
  );
}
