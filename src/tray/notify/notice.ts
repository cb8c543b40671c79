/** What the tray has to tell: the words of it, and what the user can do about it. */
import type { MenuAction } from '../menu/model.ts';

/** Each can be turned off by itself. */
export type NoticeKind = 'opened' | 'moved' | 'ended' | 'hosts';

export interface Option {
  readonly id: string;
  readonly label: string;
  /** Undefined: all stays as it is. */
  readonly action?: MenuAction;
}

export interface Notice {
  /** A later one with the same key takes the place of an earlier one. */
  readonly key: string;
  readonly kind: NoticeKind;
  /** Our own words first; names from elsewhere only within. */
  readonly text: string;
  /** Words from elsewhere, as they were: below the text. */
  readonly lines?: readonly string[];
  /** What the user can choose, here and in the menu, for as long as it makes sense; nothing is chosen by waiting. */
  readonly options: readonly Option[];
  /** Of the session that the choice is about. */
  readonly ref?: string;
}
