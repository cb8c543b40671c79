/** Any menu, for properties. */
import fc from 'fast-check';
import type { Menu, MenuNode } from '../../src/tray/menu/model.ts';

const label = fc.string({ minLength: 1, maxLength: 6 });

const { node } = fc.letrec<{ node: MenuNode }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('leaf' as const), id: fc.uuid(), label, enabled: fc.boolean() }),
    fc.record({
      ...{ kind: fc.constant('branch' as const), id: fc.uuid(), label, enabled: fc.constant(true) },
      children: fc.array(tie('node') as fc.Arbitrary<MenuNode>, { minLength: 1, maxLength: 4 }),
    }),
  ),
}));

export const anyMenu: fc.Arbitrary<Menu> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: node },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('separator' as const), id: fc.uuid() }),
    },
  ),
  { maxLength: 8 },
);
