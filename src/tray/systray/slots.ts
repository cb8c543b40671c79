/**
 * A pool of slots for a menu whose items cannot come and go. systray2's program makes every item when
 * it starts; later one can only be renamed, greyed or hidden. So there are more slots than items, those
 * without an item are hidden, and only a menu that does not fit asks for another program. Pure.
 */
import type { Menu, MenuLeaf, MenuNode } from '../menu/model.ts';

export type Slot =
  | { readonly kind: 'leaf' | 'separator' }
  | { readonly kind: 'branch'; readonly slots: readonly Slot[] };

/** What is in each slot, in their order; undefined: nothing. */
export type Filling = readonly (Filled | undefined)[];
export interface Filled {
  readonly node: Menu[number];
  /** Of a branch. */
  readonly below: Filling;
}

/** Free slots behind the last of several submenus: the next sessions. */
const SPARE_BRANCHES = 2;
const SPARE_LEAVES = 1;
/** Submenus in a row get the same slots, as long as that does not make them so much larger. */
const EVEN_FACTOR = 2;
const EVEN_EXTRA = 60;

/** Puts `menu` into `slots` in order; undefined: it does not fit. */
export function fill(menu: Menu, slots: readonly Slot[]): Filling | undefined {
  const filling: (Filled | undefined)[] = [];
  let next = 0;
  for (const slot of slots) {
    const node = menu[next];
    const below = node && belowIn(node, slot);
    // A line between items cannot be hidden.
    if (slot.kind === 'separator' && !below) return undefined;
    filling.push(node && below ? { node, below } : undefined);
    if (below) next += 1;
  }
  return next === menu.length ? filling : undefined;
}

/** How a node fills a slot of its kind; undefined: it does not. The first slot that does is as good as any. */
function belowIn(node: Menu[number], slot: Slot): Filling | undefined {
  if (node.kind !== slot.kind) return undefined;
  return node.kind === 'branch' && slot.kind === 'branch' ? fill(node.children, slot.slots) : [];
}

/** Slots for `menu` with room for more, and for what `before` held: so the pool settles. */
export function slotsFor(menu: Menu, before: readonly Slot[] = []): readonly Slot[] {
  const parts = partsOf(menu.map(slotOf));
  const old = partsOf(before);
  const isAlike = parts.length === old.length;
  return parts.flatMap((part, index) => [
    ...(index > 0 ? [{ kind: 'separator' } as const] : []),
    ...(isAlike ? merged(old[index] ?? [], spared(evened(part))) : spared(evened(part))),
  ]);
}

/** What is between the lines of the top level. */
function partsOf(slots: readonly Slot[]): Slot[][] {
  const parts: Slot[][] = [[]];
  for (const slot of slots) {
    if (slot.kind === 'separator') parts.push([]);
    else parts[parts.length - 1]?.push(slot);
  }
  return parts;
}

function slotOf(node: MenuNode | Menu[number]): Slot {
  return node.kind === 'branch' ? { kind: 'branch', slots: node.children.map(slotOf) } : { kind: node.kind };
}

/** The shortest row that both fit into: longest common subsequence by kind, with the rest between. */
export function merged(a: readonly Slot[], b: readonly Slot[]): readonly Slot[] {
  const common: number[][] = Array.from({ length: a.length + 1 }, () =>
    new Array<number>(b.length + 1).fill(0),
  );
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row = common[i];
    for (let j = b.length - 1; row && j >= 0; j -= 1) {
      row[j] = a[i]?.kind === b[j]?.kind ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const row: Slot[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [one, other] = [a[i], b[j]];
    if (one && other && one.kind === other.kind) {
      row.push(both(one, other));
      i += 1;
      j += 1;
    } else if (one && (!other || at(i + 1, j) >= at(i, j + 1))) {
      row.push(one);
      i += 1;
    } else if (other) {
      row.push(other);
      j += 1;
    } else return row;
  }
}

function both(one: Slot, other: Slot): Slot {
  if (one.kind !== 'branch' || other.kind !== 'branch') return one;
  return { kind: 'branch', slots: merged(one.slots, other.slots) };
}

/** Submenus beside each other (sessions) can each hold what any of them holds. */
function evened(slots: readonly Slot[]): readonly Slot[] {
  return runsOf(slots).flatMap((run) => {
    if (run[0]?.kind !== 'branch' || run.length === 1) return run;
    const common = run.reduce(both);
    const isCheap = sizeOf([common]) * run.length <= sizeOf(run) * EVEN_FACTOR + EVEN_EXTRA;
    return isCheap ? run.map(() => common) : run;
  });
}

function spared(slots: readonly Slot[]): readonly Slot[] {
  return runsOf(slots).flatMap((run) => {
    const last = run[run.length - 1];
    if (!last || last.kind === 'separator') return run;
    if (last.kind === 'leaf') return [...run, ...new Array<Slot>(SPARE_LEAVES).fill(last)];
    return run.length > 1 || sizeOf(run) < EVEN_EXTRA
      ? [...run, ...new Array<Slot>(SPARE_BRANCHES).fill(last)]
      : run;
  });
}

/** Slots of one kind that stand beside each other. */
function runsOf(slots: readonly Slot[]): Slot[][] {
  const runs: Slot[][] = [];
  for (const slot of slots) {
    const run = runs[runs.length - 1];
    if (run?.[0]?.kind === slot.kind) run.push(slot);
    else runs.push([slot]);
  }
  return runs;
}

export function sizeOf(slots: readonly Slot[]): number {
  return slots.reduce((sum, slot) => sum + 1 + (slot.kind === 'branch' ? sizeOf(slot.slots) : 0), 0);
}

/** Whether a click on it means something: a branch that opens says `clicked` too. */
export function isClickable(node: Menu[number] | undefined): node is MenuLeaf {
  return node?.kind === 'leaf' && node.enabled && node.action !== undefined;
}
