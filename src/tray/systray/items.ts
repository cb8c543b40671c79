/** From slots and what is in them to the items of systray2's program, and to what must be sent. Pure. */
import type { MenuItem } from 'systray2';
import type { Menu } from '../menu/model.ts';
import type { Filling, Slot } from './slots.ts';

/** An item as the program takes it. */
export interface Item extends Pick<MenuItem, 'title' | 'tooltip'> {
  readonly enabled: boolean;
  readonly hidden: boolean;
  readonly checked: false;
  readonly __id: number;
  readonly items?: readonly Item[];
}

/** A slot with its number. */
export interface Numbered {
  readonly id: number;
  readonly kind: Slot['kind'];
  readonly below: readonly Numbered[];
}

/** Numbers from 1: the program takes 0, and every number that it does not know, for its first item. */
export function numbered(slots: readonly Slot[]): readonly Numbered[] {
  let next = 1;
  const number = (slot: Slot): Numbered => {
    const id = next;
    next += 1;
    return { id, kind: slot.kind, below: slot.kind === 'branch' ? slot.slots.map(number) : [] };
  };
  return slots.map(number);
}

/** The program's word for a line between items. In a submenu it makes the program fail. */
const SEPARATOR = '<SEPARATOR>';

/** Its own marks for checked items add up at every change, so the mark is part of the title. */
export function titleOf(node: Menu[number] | undefined, platform: NodeJS.Platform): string {
  if (!node) return '-';
  if (node.kind === 'separator') return SEPARATOR;
  const mark = node.kind === 'leaf' && node.checked ? '✓ ' : '';
  const title = `${mark}${node.label}`;
  if (title === SEPARATOR) return 'SEPARATOR';
  // What marks the key of an item is doubled: an ampersand there, an underscore here.
  if (platform === 'win32') return title.replaceAll('&', '&&');
  return platform === 'linux' ? title.replaceAll('_', '__') : title;
}

/** The menu that the program starts with. Nothing is hidden yet: of nested items it would hide the wrong ones. */
export function firstItems(slots: readonly Numbered[], filling: Filling, platform: NodeJS.Platform): Item[] {
  return slots.map((slot, index) => {
    const filled = filling[index];
    const item = itemOf(slot, filled?.node, platform);
    return slot.kind === 'branch'
      ? { ...item, hidden: false, items: firstItems(slot.below, filled?.below ?? [], platform) }
      : { ...item, hidden: false };
  });
}

function itemOf(slot: Numbered, node: Menu[number] | undefined, platform: NodeJS.Platform): Item {
  return {
    title: slot.kind === 'separator' ? SEPARATOR : titleOf(node, platform),
    // Never seen on Linux, and repeated in a click: so that tells which node the program had there just then.
    tooltip: node && platform === 'linux' ? node.id : '',
    enabled: node === undefined || node.kind === 'separator' || node.enabled,
    checked: false,
    hidden: node === undefined,
    __id: slot.id,
  };
}

/** What the program shows, by number. */
export type Known = Map<number, string>;

const shown = ({ enabled, title, tooltip }: Item) => `${enabled} ${tooltip}\0${title}`;
const HIDDEN = 'hidden';

/** What it shows once it has started. */
export function knownFrom(items: readonly Item[], known: Known = new Map()): Known {
  for (const item of items) {
    known.set(item.__id, shown(item));
    knownFrom(item.items ?? [], known);
  }
  return known;
}

/**
 * The items that must be sent so that the program shows `filling`; `known` is brought up to date. A branch
 * that is shown again shows all that is below it, so what must not be seen there is hidden once more.
 */
export function changes(
  slots: readonly Numbered[],
  filling: Filling,
  known: Known,
  platform: NodeJS.Platform,
): Item[] {
  const items: Item[] = [];
  slots.forEach((slot, index) => {
    // Lines between items cannot be hidden or renamed.
    if (slot.kind === 'separator') return;
    const filled = filling[index];
    const item = itemOf(slot, filled?.node, platform);
    const wanted = filled ? shown(item) : HIDDEN;
    const was = known.get(slot.id);
    if (was !== wanted) {
      items.push(item);
      known.set(slot.id, wanted);
    }
    if (was === HIDDEN && filled) forget(slot.below, known);
    if (filled) items.push(...changes(slot.below, filled.below, known, platform));
  });
  return items;
}

function forget(slots: readonly Numbered[], known: Known): void {
  for (const slot of slots) {
    known.delete(slot.id);
    forget(slot.below, known);
  }
}

/** The node in each slot that has one. */
export function nodesIn(slots: readonly Numbered[], filling: Filling): Map<number, Menu[number]> {
  const nodes = new Map<number, Menu[number]>();
  const visit = (level: readonly Numbered[], below: Filling) => {
    level.forEach((slot, index) => {
      const filled = below[index];
      if (!filled) return;
      nodes.set(slot.id, filled.node);
      visit(slot.below, filled.below);
    });
  };
  visit(slots, filling);
  return nodes;
}

/** The items that stood for something, and stand for something else now. */
export function reassigned(slots: readonly Numbered[], before: Filling, now: Filling): number[] {
  const nodes = nodesIn(slots, now);
  return [...nodesIn(slots, before)].flatMap(([id, { id: was }]) => {
    const is = nodes.get(id)?.id;
    return is !== undefined && is !== was ? [id] : [];
  });
}
