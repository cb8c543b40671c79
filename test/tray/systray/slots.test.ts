import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOf } from '../../../src/tray/menu/menu.ts';
import { type Menu, SHORT } from '../../../src/tray/menu/model.ts';
import {
  type Filling,
  fill,
  isClickable,
  merged,
  type Slot,
  sizeOf,
  slotsFor,
} from '../../../src/tray/systray/slots.ts';
import { anyMenu } from '../menus.ts';
import { input, many, nodesOf } from '../samples.ts';

/** What is seen: the filled slots in their order. */
const seen = (filling: Filling): Menu =>
  filling.flatMap((filled): Menu => {
    if (!filled) return [];
    const { node, below } = filled;
    return node.kind === 'branch' ? [{ ...node, children: seen(below) as never }] : [node];
  });

describe('the pool', () => {
  it('holds the menu that it was made for, in order', () => {
    fc.assert(
      fc.property(anyMenu, (menu) => {
        const filling = fill(menu, slotsFor(menu));
        expect(filling && seen(filling)).toEqual(menu);
      }),
    );
  });

  it('holds what it held before too, once it has grown, unless the lines between items differ', () => {
    const bare = anyMenu.map((menu) => menu.filter((node) => node.kind !== 'separator'));
    fc.assert(
      fc.property(bare, bare, (one, other) => {
        const grown = slotsFor(other, slotsFor(one));
        for (const menu of [one, other]) {
          const filling = fill(menu, grown);
          expect(filling && seen(filling)).toEqual(menu);
        }
      }),
    );
  });

  it('never leaves a line without its place', () => {
    fc.assert(
      fc.property(anyMenu, anyMenu, (one, other) => {
        const filling = fill(other, slotsFor(one));
        if (filling) expect(seen(filling)).toEqual(other);
      }),
    );
  });

  it('takes two more sessions than there are, and a session that is shown now', () => {
    const menuOf = (sessions: number) => viewOf(input({ snapshot: many(4, sessions) }), SHORT).menu;
    const slots = slotsFor(menuOf(2));
    expect(fill(menuOf(1), slots)).toBeDefined();
    const detached = viewOf(input(), SHORT).menu;
    expect(fill(detached, slotsFor(detached, slotsFor(menuOf(1))))).toBeDefined();
  });

  it('stays small', () => {
    const menu = viewOf(input({ snapshot: many(200, 20) }), SHORT).menu;
    expect(sizeOf(slotsFor(menu))).toBeLessThan([...nodesOf(menu)].length * 2.5);
    // It settles: the same again asks for no more.
    const slots = slotsFor(menu);
    expect(slotsFor(menu, slots)).toEqual(slots);
  });
});

it('merges rows into the shortest that holds both', () => {
  const row = (text: string): Slot[] =>
    [...text].map((c) => (c === 'b' ? { kind: 'branch', slots: [] } : { kind: 'leaf' }));
  const text = (slots: readonly Slot[]) => slots.map((slot) => slot.kind[0]).join('');
  expect(text(merged(row('llb'), row('lbl')))).toBe('llbl');
  expect(text(merged(row(''), row('bl')))).toBe('bl');
  expect(text(merged(row('bl'), row('')))).toBe('bl');
});

it('knows what can be clicked', () => {
  const leaf = { kind: 'leaf', id: 'x', label: 'x', enabled: true, action: { do: 'quit' } } as const;
  expect(isClickable(leaf)).toBe(true);
  expect(isClickable({ ...leaf, enabled: false })).toBe(false);
  expect(isClickable({ kind: 'branch', id: 'x', label: 'x', enabled: true, children: [leaf] })).toBe(false);
  expect(isClickable(undefined)).toBe(false);
});
