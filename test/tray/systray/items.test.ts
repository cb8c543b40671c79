import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Menu } from '../../../src/tray/menu/model.ts';
import {
  changes,
  firstItems,
  type Item,
  knownFrom,
  nodesIn,
  numbered,
  reassigned,
  titleOf,
} from '../../../src/tray/systray/items.ts';
import { fill, slotsFor } from '../../../src/tray/systray/slots.ts';
import { anyMenu } from '../menus.ts';

/** systray2's program, as it treats items: what it was measured to do. */
class Program {
  readonly #items = new Map<number, Item>();
  readonly #below = new Map<number, number[]>();
  readonly #hidden = new Set<number>();
  readonly #top: number[];

  constructor(items: readonly Item[]) {
    const add = (item: Item): number => {
      this.#items.set(item.__id, item);
      this.#below.set(item.__id, (item.items ?? []).map(add));
      return item.__id;
    };
    this.#top = items.map(add);
  }

  update(item: Item): void {
    if (!this.#items.has(item.__id)) throw new Error(`the first item would be overwritten by ${item.__id}`);
    if (item.hidden) {
      this.#hidden.add(item.__id);
      return;
    }
    if (this.#hidden.delete(item.__id)) this.#showAll(item.__id);
    this.#items.set(item.__id, item);
  }

  seen(ids: readonly number[] = this.#top): unknown[] {
    return ids
      .filter((id) => !this.#hidden.has(id))
      .map((id) => {
        const below = this.seen(this.#below.get(id) ?? []);
        const { title, enabled } = this.#items.get(id) ?? {};
        return title === '<SEPARATOR>' ? '-' : [title, enabled, ...(below.length > 0 ? [below] : [])];
      });
  }

  #showAll(id: number): void {
    for (const child of this.#below.get(id) ?? []) {
      this.#hidden.delete(child);
      this.#showAll(child);
    }
  }
}

const expected = (menu: Menu): unknown[] =>
  menu.map((node) =>
    node.kind === 'separator'
      ? '-'
      : [titleOf(node, 'linux'), node.enabled, ...(node.kind === 'branch' ? [expected(node.children)] : [])],
  );

describe('what is sent', () => {
  it('makes the program show each of many menus in turn', () => {
    fc.assert(
      fc.property(fc.array(anyMenu, { minLength: 1, maxLength: 5 }), (menus) => {
        const all = menus.reduce((slots, menu) => slotsFor(menu, slots), slotsFor([]));
        const slots = numbered(all);
        const first = firstItems(slots, [], 'linux');
        const program = new Program(first);
        const known = knownFrom(first);
        for (const menu of [...menus, ...menus]) {
          const filling = fill(menu, all);
          if (!filling) continue;
          for (const item of changes(slots, filling, known, 'linux')) program.update(item);
          expect(program.seen()).toEqual(expected(menu));
          expect(changes(slots, filling, known, 'linux')).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('knows which node an item stands for', () => {
    const menu: Menu = [
      { kind: 'leaf', id: 'a', label: 'A', enabled: true },
      {
        kind: 'branch',
        id: 'b',
        label: 'B',
        enabled: true,
        children: [{ kind: 'leaf', id: 'c', label: 'C', enabled: true }],
      },
    ];
    const all = slotsFor(menu);
    const nodes = nodesIn(numbered(all), fill(menu, all) ?? []);
    expect([...nodes.values()].map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect([...nodes.keys()].every((id) => id > 0)).toBe(true);
  });
});

describe('an item that comes to stand for another session', () => {
  const menu = (...sessions: string[]): Menu =>
    sessions.map((id) => ({
      ...{ kind: 'branch', id, label: 'xterm', enabled: true },
      children: [{ kind: 'leaf', id: `${id}/open`, label: 'Open', enabled: true }],
    }));
  const all = slotsFor(menu('s1', 's2', 's3'));
  const slots = numbered(all);
  const filled = (...sessions: string[]) => fill(menu(...sessions), all) ?? [];

  it('is sent though it looks the same, and says in a click what it stands for', () => {
    const items = firstItems(slots, filled('s1', 's2'), 'linux');
    const known = knownFrom(items);
    changes(slots, filled('s1', 's2'), known, 'linux');
    const sent = changes(slots, filled('s1', 's3'), known, 'linux');
    expect(sent.map(({ tooltip }) => tooltip)).toEqual(['s3', 's3/open']);
    // Elsewhere a tooltip may be seen.
    expect(firstItems(slots, filled('s1'), 'darwin')[0]?.tooltip).toBe('');
  });

  it('is told, and one that is new or gone is not', () => {
    const nodes = nodesIn(slots, filled('s1', 's3'));
    const changed = reassigned(slots, filled('s1', 's2'), filled('s1', 's3'));
    expect(changed.map((id) => nodes.get(id)?.id)).toEqual(['s3', 's3/open']);
    expect(reassigned(slots, filled('s1'), filled('s1', 's2'))).toEqual([]);
    expect(reassigned(slots, filled('s1', 's2'), filled('s1'))).toEqual([]);
  });
});

describe('a title', () => {
  const node = (label: string, checked?: boolean) =>
    ({ kind: 'leaf', id: 'x', label, enabled: true, ...(checked === undefined ? {} : { checked }) }) as const;
  it('has its mark, and doubles what would mark a key', () => {
    expect(titleOf(node('a_b & c', true), 'linux')).toBe('✓ a__b & c');
    expect(titleOf(node('a_b & c', false), 'win32')).toBe('a_b && c');
    expect(titleOf(node('a_b & c'), 'darwin')).toBe('a_b & c');
  });
  it('is never the word for a line between items', () => {
    expect(titleOf(node('<SEPARATOR>'), 'linux')).toBe('SEPARATOR');
    expect(titleOf({ kind: 'separator', id: '-' }, 'linux')).toBe('<SEPARATOR>');
  });
});
