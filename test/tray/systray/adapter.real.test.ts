/** A program that runs and never finds the panel: what the real one does once in several hundred starts. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { TrayAdapter } from '../../../src/tray/adapter.ts';
import { iconSet } from '../../../src/tray/icons.ts';
import { viewOf } from '../../../src/tray/menu/menu.ts';
import { SHORT } from '../../../src/tray/menu/model.ts';
import { systrayAdapter } from '../../../src/tray/systray/adapter.ts';
import { runnable } from '../../../src/tray/systray/program.ts';
import { TestBus } from '../../rigs/bus.ts';
import { FakePanel } from '../../rigs/panel/fake-panel.ts';
import { until } from '../../rigs/until.ts';
import { type Display, startXvfb } from '../../rigs/xvfb.ts';
import { expected, read } from '../adapters.ts';
import { input, many } from '../samples.ts';

/** As GLib says it: g_return_if_fail in g_dbus_proxy_new. */
const MISSED = `(process:1): GLib-GIO-CRITICAL **: 10:00:00.000: g_dbus_proxy_new: assertion 'G_IS_DBUS_CONNECTION (connection)' failed`;

let display: Display;
let bus: TestBus;
let panel: FakePanel;
let folder: string;
let tray: TrayAdapter | undefined;
let ended: string[];

beforeAll(async () => {
  display = await startXvfb();
});
afterAll(() => display.end());
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotdesk-tray-'));
  bus = await TestBus.start();
  panel = await FakePanel.start(bus.address);
  ended = [];
});
afterEach(async () => {
  await tray?.close();
  tray = undefined;
  panel.close();
  await bus.end();
  rmSync(folder, { recursive: true, force: true });
});

/** Its first `misses` starts miss the panel, each in its own folder; then it is systray2's own program. */
async function open(misses: number, how: string): Promise<void> {
  const program = path.join(folder, 'program');
  const starts = Array.from({ length: misses }, (_, at) => `"${folder}/start-${at}"`);
  const script = [
    '#!/bin/sh',
    `for start in ${starts.join(' ')}; do`,
    `  if mkdir "$start" 2>/dev/null; then ${how}; exec cat >"$start/menu"; fi`,
    'done',
    `exec "${runnable(folder)}"`,
  ];
  writeFileSync(program, `${script.join('\n')}\n`, { mode: 0o755 });
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    DISPLAY: display.name,
    DBUS_SESSION_BUS_ADDRESS: bus.address,
  };
  tray = await systrayAdapter({ program: () => program, env: () => env }).open({
    view: viewOf(input(), SHORT),
    icons: iconSet('dark'),
    onAction: () => {},
    onEnd: (why) => ended.push(why),
  });
}

const starts = () => readdirSync(folder).filter((name) => name.startsWith('start-')).length;
const SAYS = `echo "${MISSED}" >&2`;
const READY = `echo '{"type":"ready"}'`;

it.each([
  ['before it is ready', `${SAYS}; sleep 0.2; ${READY}`],
  ['after it is ready', `${READY}; sleep 0.2; ${SAYS}`],
])('another one takes the place of one that missed the panel %s', async (_, how) => {
  await open(2, how);
  const last = viewOf(input({ snapshot: many(40, 3) }), SHORT);
  tray?.show(last);
  const menu = await panel.menu();
  await until(
    'the last menu',
    async () => JSON.stringify(read(await menu.read())) === JSON.stringify(expected(last.menu, 'systray2')),
  );
  expect(starts()).toBe(2);
  expect(panel.icons).toHaveLength(1);
  expect(ended).toEqual([]);
});

it('is given up in the end, once and in words', async () => {
  await open(20, `${READY}; ${SAYS}`);
  await until('the end is told', () => ended.length > 0);
  expect(ended).toEqual(['The program that shows the tray icon does not find the panel.']);
  expect(starts()).toBe(6);
});

it('has the tooltip of what was last shown, also of what was while another program was starting', async () => {
  const go = path.join(folder, 'go');
  const waits = `until [ -e "${go}" ]; do sleep 0.02; done; ${READY}`;
  await open(2, `case $start in *-0) ${READY}; ${SAYS};; *) ${waits};; esac`);
  await until('another one is on its way', () => starts() === 2);
  tray?.show({ ...viewOf(input(), SHORT), tooltip: 'the last' });
  writeFileSync(go, '');
  const told = path.join(folder, 'start-1', 'menu');
  await until('it is told', () => existsSync(told) && readFileSync(told, 'utf8').includes('the last'));
  expect(ended).toEqual([]);
});
