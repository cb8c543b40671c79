/** What the tray's menu is made of, for tests. */
import type { MenuInput } from '../../src/tray/menu/input.ts';
import type { Menu, MenuAction, MenuNode } from '../../src/tray/menu/model.ts';
import { host, sample, session } from '../cli/samples.ts';

export { host, session } from '../cli/samples.ts';

export const ALL = ['start', 'attach', 'detach', 'move', 'share', 'readonly', 'stop'];

export function input(more: Partial<MenuInput> = {}): MenuInput {
  return {
    snapshot: sample(),
    seat: ':0',
    can: new Map([
      ['xpra', ALL],
      ['tmux', ALL],
    ]),
    terminals: new Set(['tmux']),
    apps: new Map(),
    notices: [],
    underWay: new Map(),
    ...more,
  };
}

/** Every node of a menu with what it is below, depth first. */
export function* nodesOf(menu: Menu, depth = 0): Generator<{ node: Menu[number]; depth: number }> {
  for (const node of menu) {
    yield { node, depth };
    if (node.kind === 'branch') yield* nodesOf(node.children, depth + 1);
  }
}

/** The node that a path of labels leads to; a label may be given by its beginning. */
export function find(menu: Menu, ...path: readonly string[]): MenuNode {
  let level: Menu = menu;
  let found: MenuNode | undefined;
  for (const label of path) {
    const next = level.find((node) => node.kind !== 'separator' && node.label.startsWith(label));
    if (!next || next.kind === 'separator')
      throw new Error(
        `no “${label}” among ${level.map((n) => (n.kind === 'separator' ? '-' : n.label)).join(' | ')}`,
      );
    found = next;
    level = next.kind === 'branch' ? next.children : [];
  }
  if (!found) throw new Error('an empty path');
  return found;
}

export function actionOf(node: MenuNode): MenuAction | undefined {
  return node.kind === 'leaf' ? node.action : undefined;
}

export const labels = (menu: Menu): string[] =>
  menu.map((node) => (node.kind === 'separator' ? '-' : node.label));

export const inside = (node: MenuNode): string[] => (node.kind === 'branch' ? labels(node.children) : []);

/** Many hosts with many sessions each. */
export function many(hosts: number, each: number): NonNullable<MenuInput['snapshot']> {
  const names = Array.from({ length: hosts }, (_, n) => `h${n}`);
  return sample({
    hosts: [
      host('here', { state: 'local', hostId: 'id-here' }),
      ...names.map((name) => host(name, { backends: { xpra: '3' } })),
    ],
    sessions: names.flatMap((name, n) =>
      Array.from({ length: each }, (_, i) =>
        session(`session ${n * each + i}`, name, {
          localId: String(100 + i),
          title: `a title that is somewhat longer ${i}`,
          command: 'firefox --new-window https://example.org/',
          startedAt: 1_700_000_000 + n * each + i,
          watchers: i % 3 === 0 ? [{ hostId: `id-${n}`, host: `h${(n + 1) % hosts}` }] : [],
        }),
      ),
    ),
  });
}
