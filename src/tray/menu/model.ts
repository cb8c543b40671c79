/**
 * The menu as data: what is shown, and what each item does. Pure; adapters render it. There are
 * separators at the top alone, since not every adapter can have one further down.
 */
import type { ViewMode } from '../../protocol/api.ts';

/** What a click asks for. A `ref` is the full reference of a session, a `host` the key of a host. */
export type MenuAction =
  | { readonly do: 'open'; readonly ref: string; readonly mode: ViewMode }
  /** To the seat of another host, or another seat of this machine. */
  | { readonly do: 'send'; readonly ref: string; readonly to: string }
  | { readonly do: 'open-at'; readonly ref: string; readonly seat: string }
  | { readonly do: 'detach'; readonly ref: string }
  | { readonly do: 'stop'; readonly ref: string }
  /** The name is asked for. */
  | { readonly do: 'rename'; readonly ref: string }
  | { readonly do: 'bring-all' | 'detach-all' }
  | { readonly do: 'start'; readonly host: string; readonly app: string }
  | { readonly do: 'start-terminal' | 'run-command' | 'look' | 'set-up' | 'open-host'; readonly host: string }
  | { readonly do: 'answer'; readonly notice: string; readonly choice: string }
  /** In a terminal window: `hotdesk list --watch` and the like. */
  | { readonly do: 'show-list' | 'show-hosts' | 'show-settings' }
  | { readonly do: 'show-apps'; readonly host: string }
  | { readonly do: 'start-agent' | 'quit' };

interface Shown {
  /** Unique in the menu, and the same as long as it stands for the same thing. */
  readonly id: string;
  /** One line of plain text: sanitised, never empty. Mnemonics are escaped by the adapter. */
  readonly label: string;
  readonly enabled: boolean;
}

export interface MenuLeaf extends Shown {
  readonly kind: 'leaf';
  /** A mark before it; undefined: there is nothing to mark. */
  readonly checked?: boolean;
  /** Name of an icon (freedesktop icon naming). */
  readonly icon?: string;
  /** Undefined: a line to read. */
  readonly action?: MenuAction;
}

export interface MenuBranch extends Shown {
  readonly kind: 'branch';
  readonly icon?: string;
  /** Never empty. */
  readonly children: readonly MenuNode[];
}

export type MenuNode = MenuLeaf | MenuBranch;

export interface MenuSeparator {
  readonly kind: 'separator';
  readonly id: string;
}

/** Top level. */
export type Menu = readonly (MenuNode | MenuSeparator)[];

/** What the icon tells. */
export type IconState = 'idle' | 'sessions' | 'attention' | 'offline';

/** Everything that an adapter shows. */
export interface TrayView {
  readonly icon: IconState;
  /** One line of plain text. */
  readonly tooltip: string;
  readonly menu: Menu;
}

/** Longest lists that are shown; the rest is behind “More…”. */
export interface MenuLimits {
  readonly sessions: number;
  readonly hosts: number;
  readonly seats: number;
  readonly appsInCategory: number;
  /** Of all hosts together. */
  readonly apps: number;
  readonly notices: number;
}

/** For a menu that is built by somebody else's program, item by item. */
export const SHORT: MenuLimits = {
  sessions: 10,
  hosts: 8,
  seats: 4,
  appsInCategory: 12,
  apps: 100,
  notices: 5,
};

export const LONG: MenuLimits = {
  sessions: 20,
  hosts: 24,
  seats: 12,
  appsInCategory: 25,
  apps: 500,
  notices: 8,
};
