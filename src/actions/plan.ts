/**
 * How a session gets from the seats that show it now to a new one. Pure: from what the backend does
 * with a second viewer to the order of steps. The rule behind every order: at no moment is the
 * session without a way back (design: Handover).
 */
import type { Steals } from '../model/session.ts';
import type { ViewMode } from '../protocol/api.ts';

export type PlanStep =
  /** Ask the session's host for the handover; its undo asks the old seats to come back. */
  | 'claim'
  /** Open the viewer and wait until it shows; its undo closes it. */
  | 'open'
  /** End the other viewers through the backend; the claim's undo brings them back. */
  | 'end-others'
  /** Tell the host that the new viewer shows: the old seats close theirs if they are still open. */
  | 'commit';

export interface Situation {
  readonly steals: Steals;
  readonly mode: ViewMode;
  /** Viewers elsewhere, as far as anyone knows. */
  readonly others: number;
}

/**
 * @returns steps in order. Where the new viewer only joins, nothing is claimed. That nobody watches is
 * no reason to claim nothing: somebody else may be taking the session over just now.
 */
export function planAttach({ steals, mode, others }: Situation): readonly PlanStep[] {
  if (mode !== 'take' && (steals !== 'refused' || others === 0)) return ['open'];
  if (others === 0) return ['claim', 'open', 'commit'];
  switch (steals) {
    case 'displaces':
    case 'shares':
      return ['claim', 'open', 'commit'];
    case 'refused':
      return ['claim', 'end-others', 'open', 'commit'];
  }
}
