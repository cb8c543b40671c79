/** The parts that every menu is made of. */
import { fit as fitted, sanitise } from '../../kernel/text.ts';
import type { MenuAction, MenuBranch, MenuLeaf, MenuNode } from './model.ts';

/** Longest label, in columns of a terminal: what a panel shows without covering half of the screen. */
const LABEL_COLUMNS = 64;

/** Any text as a label: one line, nothing invisible, never empty, not too long. */
export function labelOf(text: string, columns: number = LABEL_COLUMNS): string {
  return fitted(sanitise(text), columns) || '?';
}

export function leaf(
  id: string,
  text: string,
  action: MenuAction,
  more: { readonly icon?: string | undefined; readonly checked?: boolean } = {},
): MenuLeaf {
  return {
    kind: 'leaf',
    id,
    label: labelOf(text),
    enabled: true,
    action,
    ...(more.icon === undefined ? {} : { icon: more.icon }),
    ...(more.checked === undefined ? {} : { checked: more.checked }),
  };
}

/** A line to read. */
export function line(id: string, text: string): MenuLeaf {
  return { kind: 'leaf', id, label: labelOf(text), enabled: false };
}

/** A submenu; a line to read where there is nothing in it. */
export function branch(id: string, text: string, children: readonly MenuNode[], icon?: string): MenuNode {
  if (children.length === 0) return line(id, text);
  const shown: MenuBranch = { kind: 'branch', id, label: labelOf(text), enabled: true, children };
  return icon === undefined ? shown : { ...shown, icon };
}

/**
 * As many of `items` as may be shown, and what leads to the rest.
 * @param total how many there are, where `items` are the first of them
 */
export function cut<T>(
  items: readonly T[],
  limit: number,
  show: (item: T) => MenuNode,
  more: (left: number) => MenuNode,
  total: number = items.length,
): MenuNode[] {
  const shown = items.slice(0, limit);
  const left = Math.max(total, items.length) - shown.length;
  return left > 0 ? [...shown.map(show), more(left)] : shown.map(show);
}

/** A question before something that cannot be taken back: the answer is one level further down. */
export function confirmed(id: string, text: string, yes: string, action: MenuAction): MenuNode {
  return branch(id, text, [leaf(`${id}/yes`, yes, action)]);
}

/** The first of each key: what another host lists twice is shown once. */
export function distinct<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item);
    return !seen.has(key) && seen.add(key);
  });
}
