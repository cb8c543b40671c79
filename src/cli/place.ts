/** Where a viewer opens, as far as the caller decides it. Pure. */

export interface Here {
  /** Standard input and output are one person's terminal. */
  readonly isTerminal: boolean;
  /** The display that this runs under. */
  readonly seat: string | undefined;
}

/** What is known of a session before it runs. */
export interface Wish {
  readonly kind?: 'app' | 'desktop' | 'terminal' | undefined;
  readonly command: readonly string[];
  /** What the backend that was asked for can do, where one was. */
  readonly backendCan?: readonly string[] | undefined;
}

/** Whether a session that is started so will be a terminal. Wrong guesses cost a window instead of a terminal, no more. */
export function isTerminalWish({ kind, command, backendCan }: Wish): boolean {
  if (kind !== undefined) return kind === 'terminal';
  if (backendCan)
    return backendCan.includes('terminal') && !backendCan.includes('app') && !backendCan.includes('desktop');
  return command.length === 0;
}

/**
 * The seat to ask for; undefined: the session's terminal is lent by the caller, or it is not shown.
 * A terminal session goes to the caller's terminal if there is one, else to a window of an emulator.
 */
export function seatFor(here: Here, isTerminalSession: boolean): string | undefined {
  return isTerminalSession && here.isTerminal ? undefined : here.seat;
}
