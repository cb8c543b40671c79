/** What a panel must be told when the menu changes. Pure. */
import type { Menu, MenuNode } from '../menu/model.ts';
import { DEFAULTS, type Properties, propertiesOf, type Variant } from './encode.ts';

export interface MenuChange {
  /** Ids of branches whose items came, went or changed places; undefined is the menu itself. */
  readonly layouts: readonly (string | undefined)[];
  /** Items that only look different: properties with another value. */
  readonly updates: readonly { readonly id: string; readonly properties: Properties }[];
}

export function changeOf(before: Menu, after: Menu): MenuChange {
  const layouts: (string | undefined)[] = [];
  const updates: { id: string; properties: Properties }[] = [];
  const compare = (old: Menu, now: Menu, parent: string | undefined) => {
    if (!isSameList(old, now)) {
      // Whoever reads it again reads all that is below.
      layouts.push(parent);
      return;
    }
    now.forEach((node, index) => {
      const was = old[index];
      if (node.kind === 'separator' || !was || was.kind === 'separator') return;
      const properties = changedProperties(was, node);
      if (properties.length > 0) updates.push({ id: node.id, properties });
      if (node.kind === 'branch' && was.kind === 'branch') compare(was.children, node.children, node.id);
    });
  };
  compare(before, after, undefined);
  return { layouts, updates };
}

function isSameList(old: Menu, now: Menu): boolean {
  return (
    old.length === now.length && now.every((node, i) => node.id === old[i]?.id && node.kind === old[i]?.kind)
  );
}

function changedProperties(was: MenuNode, node: MenuNode): Properties {
  const [old, now] = [new Map(propertiesOf(was)), new Map(propertiesOf(node))];
  const changed: [string, Variant][] = [];
  for (const [name, value] of now) if (old.get(name)?.[1] !== value[1]) changed.push([name, value]);
  // What it does not say any more is back at its default.
  for (const name of old.keys()) {
    const usual = DEFAULTS.get(name);
    if (!now.has(name) && usual) changed.push([name, usual]);
  }
  return changed;
}
