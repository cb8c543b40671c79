/**
 * The menu as com.canonical.dbusmenu has it (dbus-menu.xml of libdbusmenu). Values are in the form of
 * the bus library: a variant is [signature, value], a dictionary a list of pairs. Pure.
 */
import type { Menu, MenuNode, MenuSeparator } from '../menu/model.ts';

export type Variant = readonly [signature: string, value: unknown];
export type Properties = readonly (readonly [name: string, value: Variant])[];
/** (ia{sv}av) */
export type Layout = readonly [id: number, properties: Properties, children: readonly Variant[]];

const LAYOUT = '(ia{sv}av)';

/** A lone underscore would mark the letter behind it as the item's key. */
export function escapeMnemonics(label: string): string {
  return label.replaceAll('_', '__');
}

export function propertiesOf(node: MenuNode | MenuSeparator): Properties {
  if (node.kind === 'separator') return [['type', ['s', 'separator']]];
  const properties: [string, Variant][] = [['label', ['s', escapeMnemonics(node.label)]]];
  if (!node.enabled) properties.push(['enabled', ['b', false]]);
  if (node.icon !== undefined) properties.push(['icon-name', ['s', node.icon]]);
  if (node.kind === 'branch') properties.push(['children-display', ['s', 'submenu']]);
  else if (node.checked !== undefined) {
    properties.push(['toggle-type', ['s', 'checkmark']], ['toggle-state', ['i', node.checked ? 1 : 0]]);
  }
  return properties;
}

/** What a property is where an item does not say (dbus-menu.xml). */
export const DEFAULTS: ReadonlyMap<string, Variant> = new Map([
  ['enabled', ['b', true]],
  ['icon-name', ['s', '']],
  ['toggle-type', ['s', '']],
  ['toggle-state', ['i', -1]],
] satisfies [string, Variant][]);

export interface Below {
  readonly id: number;
  readonly properties: Properties;
  readonly children: Menu;
}

/** @param depth levels below `top` that are told; -1: all */
export function layoutOf(top: Below, depth: number, numberOf: (id: string) => number): Layout {
  const children =
    depth === 0
      ? []
      : top.children.map((node): Variant => {
          const below = {
            id: numberOf(node.id),
            properties: propertiesOf(node),
            children: node.kind === 'branch' ? node.children : [],
          };
          return [LAYOUT, layoutOf(below, depth - 1, numberOf)];
        });
  return [top.id, top.properties, children];
}

/** Properties of the menu itself. */
export const ROOT_PROPERTIES: Properties = [['children-display', ['s', 'submenu']]];
