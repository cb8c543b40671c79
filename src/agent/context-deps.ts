/** The parts of the agent that its actions need. */
import type { Options } from '../actions/context.ts';
import type { Catalogue } from '../catalogue/store.ts';
import type { Machine } from '../model/machine.ts';
import type { Profile } from '../model/profile.ts';
import type { Seat } from '../model/seat.ts';
import type { Backend } from '../profiles/backend.ts';
import type { Party } from '../protocol/api.ts';
import type { ScreenSize } from '../viewer/screen.ts';
import type { Keeping } from './account/kept.ts';
import type { Handovers } from './handovers.ts';
import type { Inventory } from './inventory.ts';
import type { Links } from './links.ts';
import type { Seats } from './seats.ts';
import type { ViewerRegistry } from './viewers.ts';

export interface ContextDeps {
  readonly me: Party;
  readonly catalogue: Catalogue;
  readonly links: Links;
  readonly inventory: Inventory;
  readonly handovers: Handovers;
  readonly viewers: ViewerRegistry;
  readonly localMachine: Machine;
  /** Names of the profiles that can be used, by the user's order of preference. */
  profiles(): readonly string[];
  /** Those of them that the user has put first himself. */
  preferred(): readonly string[];
  /** @throws HotdeskError `unknown-profile` */
  bind(name: string, machine: Machine): Backend;
  /** @throws HotdeskError `bad-option` */
  options(
    profile: Profile,
    given: Options,
    where: { readonly host: readonly string[]; readonly session: readonly string[] },
  ): Options;
  /** Undefined where nobody knows. */
  screenOf(seat: Seat): Promise<ScreenSize | undefined>;
  /** Is that program installed here? */
  isThere(program: string, holds?: string): Promise<boolean>;
  readonly seats: Seats;
  /** Where passwords are kept that the user wants kept. */
  readonly keeping: Keeping;
  /** Has this agent started so lately that hosts may not have been found yet? */
  isYoung(): boolean;
  /** Connects to hosts that may be asked and waits a moment for them. */
  lookAround(waitMs: number, signal: AbortSignal): Promise<void>;
}
