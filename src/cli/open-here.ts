import { HotdeskError } from '../kernel/errors.ts';
import type { Run } from './shell.ts';
import { type Named, typed } from './typed.ts';

/**
 * Opens a session at the seat or in the terminal that this runs in, whichever fits the session. With
 * both, the agent is asked without a seat first: it says at once whether the session is a terminal
 * one, and then it stays in this terminal.
 * @param seat named by the user
 */
export async function openHere<T>(
  run: Run,
  seat: string | undefined,
  ask: (seat: string | undefined) => Promise<T>,
): Promise<T> {
  if (seat !== undefined) {
    await run.seat().catch(() => undefined);
    return ask(seat);
  }
  if (!run.console.isInteractive || run.console.flags.json) return ask(await run.seat());
  try {
    return await ask(undefined);
  } catch (error) {
    if (!(error instanceof HotdeskError) || error.code !== 'no-seat') throw error;
    const own = await run.seat();
    if (own === undefined) throw error;
    return ask(own);
  }
}

/** For a session that is to be seen where there is neither a display nor a terminal. */
export function needsDisplay(session: Named): HotdeskError {
  return new HotdeskError(
    'no-seat',
    `${session.name} is a terminal session, and this is neither a terminal nor a display.`,
    {
      hint: `Run \`hotdesk attach ${typed(session)}\` in a terminal, or send it to a seat: \`hotdesk move ${typed(session)} --to HOST\`.`,
    },
  );
}
