/** What the menu is made of. */
import type { Application } from '../../model/application.ts';
import type { Snapshot } from '../../protocol/api.ts';

/** An application that a host can start, as far as the menu shows it. */
export type MenuApp = Pick<Application, 'id' | 'name' | 'categories'> &
  Partial<Pick<Application, 'icon' | 'usedAt'>>;

/** The applications of one host, as far as they are known. */
export type HostApps =
  | { readonly state: 'asking' }
  | { readonly state: 'known'; readonly apps: readonly MenuApp[] }
  | { readonly state: 'failed'; readonly why: string };

/** Something that the user should know or decide. */
export interface Notice {
  readonly id: string;
  readonly text: string;
  /** Empty: it is read and put away. */
  readonly choices: readonly { readonly id: string; readonly label: string }[];
}

export interface MenuInput {
  /** Undefined: no agent answers. */
  readonly snapshot: Snapshot | undefined;
  /** Why no agent answers. */
  readonly problem?: string | undefined;
  /** The seat that the menu is shown at. */
  readonly seat: string | undefined;
  /** What each backend can do, as its profile says. */
  readonly can: ReadonlyMap<string, readonly string[]>;
  /** Backends that keep terminals. */
  readonly terminals: ReadonlySet<string>;
  /** By host key. */
  readonly apps: ReadonlyMap<string, HostApps>;
  readonly notices: readonly Notice[];
  /** What is under way, by session reference: “opening …”. */
  readonly underWay: ReadonlyMap<string, string>;
}
