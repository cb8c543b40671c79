/** What the user should know or decide, until he has. Nothing here is ever decided by the time that passes. */
import type { Notice } from './menu/input.ts';

export interface NewNotice {
  /** Another notice of the same subject takes its place; default: none does. */
  readonly subject?: string;
  readonly text: string;
  /** Empty: it is read and put away. */
  readonly choices: readonly { readonly id: string; readonly label: string; readonly run: () => void }[];
}

/** The oldest ones without a choice go first where there are more, in number. */
const LIMIT = 50;

export class Notices {
  readonly #onChange: () => void;
  #list: readonly (NewNotice & { readonly id: string })[] = [];
  #next = 1;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Latest first. */
  get shown(): readonly Notice[] {
    return this.#list;
  }

  /** @returns its id */
  add(notice: NewNotice): string {
    const id = String(this.#next++);
    const others = this.#list.filter(({ subject }) => subject === undefined || subject !== notice.subject);
    this.#list = limited([{ ...notice, id }, ...others]);
    this.#onChange();
    return id;
  }

  remove(id: string): void {
    const left = this.#list.filter((notice) => notice.id !== id);
    if (left.length === this.#list.length) return;
    this.#list = left;
    this.#onChange();
  }

  /** The user has read it, or decided. A second answer is none. */
  answer(id: string, choice: string): void {
    const found = this.#list.find((notice) => notice.id === id);
    this.remove(id);
    found?.choices.find((each) => each.id === choice)?.run();
  }
}

function limited<T extends NewNotice>(notices: readonly T[]): readonly T[] {
  if (notices.length <= LIMIT) return notices;
  const last = notices.findLastIndex(({ choices }) => choices.length === 0);
  return notices.filter((_, index) => index !== (last < 0 ? notices.length - 1 : last));
}
