/** What holds for every adapter, against a bus and a display of its own; the menu is read as a panel reads it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TrayAdapter } from '../../src/tray/adapter.ts';
import { iconSet } from '../../src/tray/icons.ts';
import { viewOf } from '../../src/tray/menu/menu.ts';
import {
  type Menu,
  type MenuAction,
  type MenuNode,
  SHORT,
  type TrayView,
} from '../../src/tray/menu/model.ts';
import { sample } from '../cli/samples.ts';
import { TestBus } from '../rigs/bus.ts';
import { FakePanel } from '../rigs/panel/fake-panel.ts';
import { itemAt, type MenuReader } from '../rigs/panel/menu-reader.ts';
import { until } from '../rigs/until.ts';
import { type Display, startXvfb } from '../rigs/xvfb.ts';
import { adapterOf, expected, KINDS, read } from './adapters.ts';
import { input, many, session } from './samples.ts';

let display: Display;
beforeAll(async () => {
  display = await startXvfb();
});
afterAll(() => display.end());

describe.each(KINDS)('the adapter %s', (kind) => {
  let bus: TestBus;
  let panel: FakePanel;
  let tray: TrayAdapter | undefined;
  let actions: MenuAction[];
  let ended: string[];
  let remove = () => {};

  beforeEach(async () => {
    bus = await TestBus.start();
    panel = await FakePanel.start(bus.address);
    actions = [];
    ended = [];
  });
  afterEach(async () => {
    await tray?.close();
    tray = undefined;
    panel.close();
    await bus.end();
    remove();
  });

  const open = async (view: TrayView): Promise<MenuReader> => {
    const made = adapterOf(kind, bus.address, display.name);
    remove = made.remove;
    tray = await made.adapter.open({
      view,
      icons: iconSet('dark'),
      onAction: (action) => actions.push(action),
      onEnd: (why) => ended.push(why),
    });
    return panel.menu();
  };
  /** What is shown just now; [] while another program takes over. */
  const now = async () =>
    panel.icons.length === 1
      ? panel
          .menu()
          .then((menu) => menu.read())
          .catch(() => [])
      : [];
  /** The program drops a click that comes within its first milliseconds. */
  const click = async (...labels: string[]) => {
    const before = actions.length;
    await until(`${labels.join(' ▸ ')} does something`, async () => {
      const menu = await panel.menu();
      await menu.click(itemAt(await menu.read(), ...labels)).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 50));
      return actions.length > before;
    });
  };
  const shows = async (view: TrayView) => {
    let seen: unknown;
    await until('the menu is that of the model', async () => {
      // A pool that grows gets another program, and for a moment there are two icons or none.
      seen = read(await now());
      return JSON.stringify(seen) === JSON.stringify(expected(view.menu, kind));
    }).catch(() => expect(seen).toEqual(expected(view.menu, kind)));
  };
  const leaf = (id: string, label: string, more: Partial<MenuNode> = {}): MenuNode =>
    ({ kind: 'leaf', id, label, enabled: true, action: { do: 'look', host: id }, ...more }) as MenuNode;
  const branch = (id: string, children: readonly MenuNode[]): MenuNode => ({
    ...{ kind: 'branch', id, label: id, enabled: true, children },
  });
  const viewWith = (menu: Menu): TrayView => ({ icon: 'idle', tooltip: 'hotdesk', menu });

  it('shows icon, tooltip and the menu of the model', async () => {
    const view = viewOf(input(), SHORT);
    await open(view);
    await shows(view);
    const icon = await panel.icon();
    expect(await panel.property(icon, 'Status')).toBe('Active');
    expect(await panel.property(icon, 'IconName')).toMatch(/hotdesk|systray/u);
  });

  it('does what is clicked, and nothing for what is no button', async () => {
    const view = viewOf(input(), SHORT);
    const menu = await open(view);
    await shows(view);
    const items = await menu.read();
    await menu.click(itemAt(items, 'build'));
    await click('build', 'Open here');
    await menu.click(itemAt(items, 'gamma', 'hotdesk'));
    await click('Quit');
    const done = new Set(actions.map((action) => JSON.stringify(action)));
    const wanted = [{ do: 'open', ref: 'tmux:3@gamma', mode: 'take' }, { do: 'quit' }];
    expect([...done]).toEqual(wanted.map((action) => JSON.stringify(action)));
  });

  it('shows any text as it is', async () => {
    const names = ['a_b __c', '_File & <b>edit</b>', '<SEPARATOR>', '100% “x” \\n', '漢字 🦊', '-'];
    const sessions = names.map((name, n) => session(name, 'alpha', { localId: String(n), startedAt: n }));
    const view = viewOf(input({ snapshot: sample({ sessions }) }), SHORT);
    await open(view);
    await shows(view);
    // The word for a line between items, alone and further down, is what makes systray2's program fail.
    const odd = viewWith([
      branch('b', [leaf('x', '<SEPARATOR>'), leaf('y', 'after it')]),
      leaf('z', '<SEPARATOR>'),
    ]);
    tray?.show(odd);
    const shown = await until('both', async () => {
      const items = await now();
      return items.length === 2 ? items : undefined;
    });
    const word = kind === 'sni' ? '<SEPARATOR>' : 'SEPARATOR';
    expect(read(shown)).toEqual([
      [
        'b',
        true,
        [
          [word, true],
          ['after it', true],
        ],
      ],
      [word, true],
    ]);
    expect(ended).toEqual([]);
  });

  it('marks what is checked, and not twice', async () => {
    const view = (checked: boolean, text: string) =>
      viewWith([leaf('a', text, { checked }), leaf('b', 'plain')]);
    await open(view(true, 'one'));
    for (const [checked, text] of [
      [true, 'two'],
      [false, 'three'],
      [true, 'four'],
    ] as const) {
      tray?.show(view(checked, text));
      await shows(view(checked, text));
    }
    const [first] = await (await panel.menu()).read();
    if (kind === 'sni') expect(first).toMatchObject({ label: 'four', checked: true });
    else expect(first?.label).toBe('✓ four');
  });

  it('follows every change: items that come, go, turn into submenus and back', async () => {
    const menus: Menu[] = [
      [leaf('quit', 'Quit')],
      [branch('s1', [leaf('s1/a', 'Open')]), leaf('quit', 'Quit')],
      [
        branch('s2', [leaf('s2/a', 'Open'), leaf('s2/b', 'Detach', { enabled: false })]),
        branch('s1', [leaf('s1/a', 'Open')]),
        leaf('quit', 'Quit'),
      ],
      [
        branch('s1', [
          leaf('s1/a', 'Bring'),
          branch('s1/at', [leaf('s1/at/1', 'alpha'), leaf('s1/at/2', 'beta')]),
          leaf('s1/b', 'Stop'),
        ]),
        leaf('quit', 'Quit'),
      ],
      [leaf('none', 'No sessions', { enabled: false }), { kind: 'separator', id: '-' }, leaf('quit', 'Quit')],
      [branch('s1', [leaf('s1/a', 'Open')]), { kind: 'separator', id: '-' }, leaf('quit', 'Quit')],
      ...[3, 12, 5, 0, 9].map(
        (count): Menu => [
          ...Array.from({ length: count }, (_, n) => branch(`n${n}`, [leaf(`n${n}/a`, `Open ${n}`)])),
          { kind: 'separator', id: '-' },
          leaf('quit', 'Quit'),
        ],
      ),
    ];
    await open(viewWith(menus[0] ?? []));
    for (const menu of menus) {
      tray?.show(viewWith(menu));
      await shows(viewWith(menu));
    }
    // And a click still means the item that it is on.
    await click('n7', 'Open 7');
    expect(actions[0]).toEqual({ do: 'look', host: 'n7/a' });
    expect(ended).toEqual([]);
  });

  it('does nothing for a click that comes after its item has become another session’s', async () => {
    const of = (...names: string[]) =>
      viewWith([...names.map((name) => branch(name, [leaf(`${name}/open`, 'Open')])), leaf('quit', 'Quit')]);
    const menu = await open(of('s1', 's2', 's3'));
    await shows(of('s1', 's2', 's3'));
    await click('s2', 'Open');
    actions.length = 0;
    const second = itemAt(await menu.read(), 's2', 'Open');
    // What is clicked was s2's, and is s3's as soon as the program has heard of it.
    for (let n = 0; n < 20; n += 1) {
      const clicked = menu.click(second).catch(() => {});
      tray?.show(of('s1', 's3'));
      await Promise.all([clicked, menu.click(second).catch(() => {})]);
      tray?.show(of('s1', 's2', 's3'));
      await shows(of('s1', 's2', 's3'));
    }
    expect(actions.filter((action) => action.do !== 'look' || action.host !== 's2/open')).toEqual([]);
    await click('s3', 'Open');
    expect(actions.at(-1)).toEqual({ do: 'look', host: 's3/open' });
  });

  it('shows the last of many views at once', async () => {
    await open(viewOf(input({ snapshot: sample({ sessions: [] }) }), SHORT));
    const views = [1, 40, 3, 200].map((hosts) => viewOf(input({ snapshot: many(hosts, 3) }), SHORT));
    for (const view of views) tray?.show(view);
    const last = views.at(-1);
    if (last) await shows(last);
    expect(panel.icons).toHaveLength(1);
  });

  it('shows another icon for another state', async () => {
    await open(viewOf(input({ snapshot: sample({ sessions: [] }) }), SHORT));
    const before = await panel.property(await panel.icon(), 'IconName');
    tray?.show(viewOf(input(), SHORT));
    await until(
      'another icon',
      async () => (await panel.property(await panel.icon(), 'IconName')) !== before,
    );
  });

  it('ends with what showed it, and says so once', async () => {
    await open(viewOf(input(), SHORT));
    await panel.icon();
    if (kind === 'sni') await bus.kill();
    else {
      const [pid] = await helpers(bus.address);
      process.kill(pid ?? 0, 'SIGKILL');
    }
    await until('the end is told', () => ended.length === 1);
    expect(ended[0]).toMatch(/gone|SIGKILL/u);
  });

  it('is gone when it is closed, without a word', async () => {
    await open(viewOf(input(), SHORT));
    await panel.icon();
    await tray?.close();
    await until('no icon', () => panel.icons.length === 0);
    expect(ended).toEqual([]);
    if (kind === 'systray2') expect(await helpers(bus.address)).toEqual([]);
  });
});

/** Programs of systray2 that run on a bus. */
async function helpers(address: string): Promise<number[]> {
  const { readdirSync, readFileSync, readlinkSync } = await import('node:fs');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .filter((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/exe`).includes('tray_linux_release') &&
          readFileSync(`/proc/${pid}/environ`, 'utf8').includes(address)
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}
