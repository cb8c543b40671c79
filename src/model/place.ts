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
  /** Kinds of sessions of the backend that was asked for, where one was. */
  readonly backendKinds?: readonly string[] | undefined;
}

/** Whether a session that is started so will be a terminal. Wrong guesses cost a window instead of a terminal, no more. */
export function isTerminalWish({ kind, command, backendKinds }: Wish): boolean {
  if (kind !== undefined) return kind === 'terminal';
  if (backendKinds?.every((each) => each === 'terminal')) return true;
  return command.length === 0 && (backendKinds?.includes('terminal') ?? true);
}

/**
 * The seat to ask for; undefined: the session's terminal is lent by the caller, or it is not shown.
 * A terminal session goes to the caller's terminal if there is one, else to a window of an emulator.
 */
export function seatFor(here: Here, isTerminalSession: boolean): string | undefined {
  return isTerminalSession && here.isTerminal ? undefined : here.seat;
}
