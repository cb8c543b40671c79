/**
 * A real panel on a display of its own: Xvfb, a session bus, openbox and xfce4-panel with nothing in it
 * but its tray. Programs are started in its session by `spawn`.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ServingBus } from '../../../src/kernel/bus.ts';
import { busSockets } from '../../../src/platform/bus-address.ts';
import { sessionBus } from '../../../src/platform/dbus.ts';
import { variantValue, WATCHER } from '../../../src/tray/panel.ts';
import { until } from '../until.ts';
import { type Display, startXvfb } from '../xvfb.ts';
import { MenuReader } from './menu-reader.ts';

const run = promisify(execFile);

/** What the rig needs beside X. A panel that is busy with others is given time. */
const START_MS = 30_000;

export interface PanelOptions {
  readonly dark?: boolean;
  /** 2: everything twice as large. */
  readonly scale?: 1 | 2;
  /** Without a panel: `startPanel` starts it later. */
  readonly empty?: true;
}

/** xfce4-panel's settings: one panel across the top, its tray alone. */
export function panelConfig({ dark = false, scale = 1 }: PanelOptions): Readonly<Record<string, string>> {
  return {
    'xfce4-panel.xml': `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="${dark}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
`,
    'xsettings.xml': `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xsettings" version="1.0">
  <property name="Net" type="empty"><property name="ThemeName" type="string" value="${dark ? 'Adwaita-dark' : 'Adwaita'}"/></property>
  <property name="Gdk" type="empty"><property name="WindowScalingFactor" type="int" value="${scale}"/></property>
</channel>
`,
  };
}

/**
 * How many menus of the panel are open: its windows that no window manager frames.
 * @param ask runs xwininfo
 */
export async function openMenusOf(ask: (args: readonly string[]) => Promise<string>): Promise<number> {
  const tree = await ask(['-root', '-tree']);
  const ids = [...tree.matchAll(/^\s+(0x[\da-f]+) .*\("(?:xfce4-panel|wrapper)/gimu)].map(
    ([, id]) => id ?? '',
  );
  const all = await Promise.all(ids.map((id) => ask(['-id', id, '-stats'])));
  return all.filter((text) => /IsViewable/u.test(text) && /Override Redirect State: yes/u.test(text)).length;
}

export class Panel {
  env: Readonly<Record<string, string>>;
  readonly scale: 1 | 2;
  #display: Display;
  readonly #folder: string;
  readonly #children: ChildProcess[] = [];
  #panel: ChildProcess | undefined;
  #bus: ServingBus | undefined;

  private constructor(display: Display, folder: string, options: PanelOptions) {
    this.#display = display;
    this.#folder = folder;
    this.scale = options.scale ?? 1;
    const xdg = Object.fromEntries(
      ['CONFIG', 'DATA', 'STATE', 'CACHE'].map((name) => [
        `XDG_${name}_HOME`,
        path.join(folder, name.toLowerCase()),
      ]),
    );
    this.env = {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      LANG: 'C.UTF-8',
      ...xdg,
      XDG_RUNTIME_DIR: path.join(folder, 'run'),
      XDG_CURRENT_DESKTOP: 'XFCE',
      DISPLAY: display.name,
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${path.join(folder, 'run', 'bus')}`,
      HOTDESK_RUNTIME_DIR: path.join(folder, 'run', 'hotdesk'),
      NO_AT_BRIDGE: '1',
      TMUX_TMPDIR: path.join(folder, 'run'),
      SHELL: '/bin/sh',
      ...(options.dark ? { GTK_THEME: 'Adwaita:dark' } : {}),
      ...(this.scale === 2 ? { GDK_SCALE: '2', XCURSOR_SIZE: '48' } : {}),
    };
    const channels = path.join(folder, 'config', 'xfce4', 'xfconf', 'xfce-perchannel-xml');
    mkdirSync(channels, { recursive: true });
    mkdirSync(path.join(folder, 'run', 'hotdesk'), { recursive: true, mode: 0o700 });
    for (const [name, text] of Object.entries(panelConfig(options)))
      writeFileSync(path.join(channels, name), text);
  }

  static async start(options: PanelOptions = {}): Promise<Panel> {
    const size = options.scale === 2 ? '2048x1200x24' : '1024x600x24';
    const folder = mkdtempSync(path.join(tmpdir(), 'hotdesk-panel-'));
    const panel = new Panel(await startXvfb(size), folder, options);
    try {
      await panel.#startSession();
      if (!options.empty) await panel.startPanel();
      return panel;
    } catch (error) {
      await panel.end();
      throw error;
    }
  }

  get bus(): ServingBus {
    if (!this.#bus) throw new Error('the panel is not started');
    return this.#bus;
  }

  /** Starts a program in the session. */
  spawn(argv: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const [command = '', ...args] = argv;
    const child = spawn(command, args, {
      env: { ...this.env, ...env },
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.on('error', () => {});
    this.#children.push(child);
    return child;
  }

  /** Starts the panel (again) and waits until it takes icons. */
  async startPanel(): Promise<void> {
    this.#panel = this.spawn(['xfce4-panel', '--disable-wm-check']);
    await until(
      'the panel takes icons',
      async () => this.#property('IsStatusNotifierHostRegistered'),
      START_MS,
    );
  }

  async stopPanel(): Promise<void> {
    await ended(this.#panel);
    await until(
      'the panel is gone',
      async () => (await this.#property('IsStatusNotifierHostRegistered')) === undefined,
    );
  }

  /** `BUSNAME/PATH` of each icon that is registered. */
  async icons(): Promise<readonly string[]> {
    return ((await this.#property('RegisteredStatusNotifierItems')) as string[] | undefined) ?? [];
  }

  async icon(ms = START_MS): Promise<{ destination: string; path: string }> {
    return until(
      'one icon',
      async () => {
        const [one, another] = await this.icons();
        if (one === undefined || another !== undefined) return undefined;
        const slash = one.indexOf('/');
        return slash < 0
          ? { destination: one, path: '/StatusNotifierItem' }
          : { destination: one.slice(0, slash), path: one.slice(slash) };
      },
      ms,
    );
  }

  async menu(): Promise<MenuReader> {
    const { destination, path: at } = await this.icon();
    const [value] = await this.bus.call({
      ...{ destination, path: at, interface: 'org.freedesktop.DBus.Properties' },
      ...{ member: 'Get', signature: 'ss', body: ['org.kde.StatusNotifierItem', 'Menu'] },
    });
    return new MenuReader(this.bus, { destination, path: String(variantValue(value)) });
  }

  /** The middle of the one icon, which the tray puts at its left end. */
  get iconAt(): { x: number; y: number } {
    return { x: 16 * this.scale, y: 16 * this.scale };
  }

  async click(x: number, y: number): Promise<void> {
    await this.xdotool('mousemove', String(x), String(y), 'click', '1');
  }

  /** Names as xdotool has them: `Down`, `Return`. Slowly, as a person: a submenu opens in between. */
  async keys(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.xdotool('key', '--delay', '40', name);
  }

  async xdotool(...args: readonly string[]): Promise<string> {
    return (await run('xdotool', [...args], { env: this.env, timeout: 10_000 })).stdout;
  }

  /** Windows of menus that are open: those without a window manager's frame. */
  async openMenus(): Promise<number> {
    const ask = (args: readonly string[]) =>
      run('xwininfo', [...args], { env: this.env, timeout: 10_000 }).then(
        ({ stdout }) => stdout,
        () => '',
      );
    return openMenusOf(ask);
  }

  /** The display ends, and everything on it; the session's bus goes on at another one. */
  async moveDisplay(): Promise<string> {
    const next = await startXvfb();
    await this.#display.end();
    this.#display = next;
    this.env = { ...this.env, DISPLAY: next.name };
    await ended(this.#panel);
    this.spawn(['openbox', '--sm-disable']);
    return next.name;
  }

  /** Processes that a program of the session has started and that run. */
  async childrenOf(child: ChildProcess): Promise<number[]> {
    const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(child.pid)]).catch(() => ({
      stdout: '',
    }));
    return stdout.trim().split(/\s+/u).filter(Boolean).map(Number);
  }

  async screenshot(file: string): Promise<void> {
    await run('import', ['-window', 'root', file], { env: this.env, timeout: 20_000 });
  }

  /** Colour of a place on the screen: [red, green, blue]. */
  async pixels(x: number, y: number, width: number, height: number): Promise<Buffer> {
    const crop = `${width}x${height}+${x}+${y}`;
    const { stdout } = await run('import', ['-window', 'root', '-crop', crop, '-depth', '8', 'rgb:-'], {
      ...{ env: this.env, timeout: 20_000, encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 },
    });
    return stdout;
  }

  async end(): Promise<void> {
    this.#bus?.close();
    for (const child of [...this.#children].reverse()) await ended(child);
    await this.#display.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #startSession(): Promise<void> {
    const address = this.env.DBUS_SESSION_BUS_ADDRESS ?? '';
    const daemon = this.spawn([
      'dbus-daemon',
      '--session',
      '--nofork',
      '--nopidfile',
      `--address=${address}`,
      '--print-address',
    ]);
    await Promise.race([
      once(daemon.stdout ?? daemon, 'data'),
      once(daemon, 'exit').then(() => Promise.reject(new Error('dbus-daemon ended'))),
    ]);
    this.#bus = await sessionBus(busSockets(address));
    this.spawn(['openbox', '--sm-disable']);
  }

  async #property(name: string): Promise<unknown> {
    try {
      const [value] = await this.bus.call({
        ...{
          destination: WATCHER.destination,
          path: WATCHER.path,
          interface: 'org.freedesktop.DBus.Properties',
        },
        ...{ member: 'Get', signature: 'ss', body: [WATCHER.interface, name] },
      });
      return variantValue(value);
    } catch {
      return undefined;
    }
  }
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const over = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await over;
  clearTimeout(timer);
}
