import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOf } from '../../../src/tray/menu/menu.ts';
import { LONG, type Menu } from '../../../src/tray/menu/model.ts';
import { changeOf } from '../../../src/tray/sni/diff.ts';
import { escapeMnemonics, propertiesOf } from '../../../src/tray/sni/encode.ts';
import { escapeMarkup } from '../../../src/tray/sni/item.ts';
import { Numbers } from '../../../src/tray/sni/numbers.ts';
import { sample } from '../../cli/samples.ts';
import { anyMenu } from '../menus.ts';
import { input } from '../samples.ts';

type Shown = Map<string, { properties: Map<string, unknown>; children: string[] }>;

/** What a panel has read: of each item its properties and the items below. */
function readAll(menu: Menu, into: Shown = new Map(), parent = ''): Shown {
  into.set(parent, {
    properties: into.get(parent)?.properties ?? new Map(),
    children: menu.map(({ id }) => id),
  });
  for (const node of menu) {
    into.set(node.id, { properties: valuesOf(node), children: [] });
    if (node.kind === 'branch') readAll(node.children, into, node.id);
  }
  return into;
}

const valuesOf = (node: Menu[number]) =>
  new Map(propertiesOf(node).map(([name, [, value]]) => [name, value]));

/** What a panel has after it was told of a change: it reads again what it is told to, no more. */
function follow(shown: Shown, before: Menu, after: Menu): void {
  const { layouts, updates } = changeOf(before, after);
  const find = (menu: Menu, id: string): Menu | undefined => {
    for (const node of menu) {
      if (node.kind !== 'branch') continue;
      if (node.id === id) return node.children;
      const below = find(node.children, id);
      if (below) return below;
    }
    return undefined;
  };
  for (const id of layouts) readAll(id === undefined ? after : (find(after, id) ?? []), shown, id ?? '');
  for (const { id, properties } of updates) {
    const values = shown.get(id)?.properties;
    for (const [name, [, value]] of properties) values?.set(name, value);
  }
}

/** Without what is at its default and what no one can reach. */
function visible(shown: Shown, id = ''): unknown {
  const { properties = new Map(), children = [] } = shown.get(id) ?? {};
  const usual = new Map<string, unknown>([
    ['enabled', true],
    ['icon-name', ''],
    ['toggle-type', ''],
    ['toggle-state', -1],
  ]);
  const told = [...properties].filter(([name, value]) => usual.get(name) !== value).sort();
  return [id, told, children.map((child) => visible(shown, child))];
}

describe('what a panel is told', () => {
  it('brings it from any menu to any other', () => {
    const pair = fc.tuple(anyMenu, anyMenu);
    // Changes of one menu: labels, greying, and an item that goes.
    const edited = anyMenu.chain((menu) =>
      fc
        .tuple(fc.string({ minLength: 1, maxLength: 3 }), fc.boolean(), fc.nat(9))
        .map(([label, enabled, index]): [Menu, Menu] => [
          menu,
          menu
            .filter((_, i) => i !== index)
            .map((node, i) =>
              node.kind === 'separator' || i % 2 === 0 ? node : { ...node, label, enabled },
            ),
        ]),
    );
    fc.assert(
      fc.property(fc.oneof(pair, edited), ([before, after]) => {
        const shown = readAll(before);
        follow(shown, before, after);
        expect(visible(shown)).toEqual(visible(readAll(after)));
      }),
      { numRuns: 300 },
    );
  });

  it('is nothing where nothing changed, and little where a label did', () => {
    const menu = viewOf(input(), LONG).menu;
    expect(changeOf(menu, viewOf(input(), LONG).menu)).toEqual({ layouts: [], updates: [] });
    const ref = sample().sessions[0]?.ref ?? '';
    const busy = viewOf(input({ underWay: new Map([[ref, 'moving']]) }), LONG).menu;
    const { layouts, updates } = changeOf(menu, busy);
    expect(layouts).toEqual([]);
    expect(updates.map(({ properties }) => properties)).toEqual([
      [['label', ['s', 'xterm — alpha (moving)']]],
    ]);
  });
});

describe('numbers', () => {
  it('stay with their items, and are never used again', () => {
    const numbers = new Numbers();
    const leaf = (id: string) => ({ kind: 'leaf', id, label: id, enabled: true }) as const;
    numbers.keep([leaf('a'), leaf('b')]);
    const [a, b] = [numbers.of('a'), numbers.of('b')];
    numbers.keep([leaf('b')]);
    numbers.keep([leaf('a'), leaf('b')]);
    expect(numbers.of('b')).toBe(b);
    expect(numbers.of('a')).toBeGreaterThan(Math.max(a, b));
    expect(numbers.of('gone')).toBe(-1);
  });
});

it('escapes what a panel would take for a key or for markup', () => {
  expect(escapeMnemonics('_a__b')).toBe('__a____b');
  expect(escapeMarkup('<b> & >')).toBe('&lt;b&gt; &amp; &gt;');
});
