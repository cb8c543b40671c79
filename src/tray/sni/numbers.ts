/** Numbers for menu items: com.canonical.dbusmenu knows items by int32, 0 being the menu itself. */
import type { Menu } from '../menu/model.ts';

export const ROOT = 0;

/** Keeps an item's number for as long as the item is in the menu; a number is never used again. */
export class Numbers {
  #next = 1;
  #of = new Map<string, number>();

  /** Numbers what is new in `menu`, and forgets what is not in it any more. */
  keep(menu: Menu): void {
    const kept = new Map<string, number>();
    const visit = (nodes: Menu) => {
      for (const node of nodes) {
        kept.set(node.id, this.#of.get(node.id) ?? this.#next++);
        if (node.kind === 'branch') visit(node.children);
      }
    };
    visit(menu);
    this.#of = kept;
  }

  of(id: string): number {
    return this.#of.get(id) ?? -1;
  }
}
