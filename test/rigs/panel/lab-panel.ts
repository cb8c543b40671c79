/** A panel at the seat of a lab host, and `hotdesk tray` in it. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { LAB_UID, type LabHost } from '../lab/host.ts';
import type { Running, RunResult } from '../lab/run.ts';
import { until } from '../until.ts';
import type { ShownItem } from './menu-reader.ts';
import { itemAt } from './menu-reader.ts';
import { openMenusOf, type PanelOptions, panelConfig } from './panel.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const LONG_MS = 60_000;
const DAY_MS = 86_400_000;

/** Bundles what runs inside of the hosts. */
export async function buildReader(): Promise<{ readonly inLab: string; remove(): void }> {
  const folder = mkdtempSync(path.join(ROOT, 'node_modules', '.panel-'));
  chmodSync(folder, 0o755);
  const file = path.join(folder, 'reader.cjs');
  await build({
    ...{ entryPoints: [fileURLToPath(new URL('./reader-main.ts', import.meta.url))], outfile: file },
    ...{ bundle: true, platform: 'node', format: 'cjs', target: 'node20.19', logLevel: 'error' },
  });
  return {
    inLab: path.join('/run/lab/hotdesk', path.relative(ROOT, file)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export class LabPanel {
  readonly host: LabHost;
  readonly #reader: string;
  readonly #running: Running[] = [];

  private constructor(host: LabHost, reader: string) {
    this.host = host;
    this.#reader = reader;
  }

  static async start(host: LabHost, reader: string, options: PanelOptions = {}): Promise<LabPanel> {
    const panel = new LabPanel(host, reader);
    const channels = path.join(host.home, '.config/xfce4/xfconf/xfce-perchannel-xml');
    mkdirSync(channels, { recursive: true });
    for (const [name, text] of Object.entries(panelConfig(options)))
      writeFileSync(path.join(channels, name), text);
    await host.root(['chown', '-R', `${LAB_UID}:${LAB_UID}`, '/home/user/.config']);
    const { DBUS_SESSION_BUS_ADDRESS: address = '' } = panel.env;
    panel.spawn(['dbus-daemon', '--session', '--nofork', '--nopidfile', `--address=${address}`]);
    await until(
      `${host.name} has a session bus`,
      async () => (await panel.#ask('icons')).stderr.includes('StatusNotifierWatcher'),
      LONG_MS,
    );
    panel.spawn(['openbox', '--sm-disable']);
    panel.spawn(['xfce4-panel', '--disable-wm-check'], options.dark ? { GTK_THEME: 'Adwaita:dark' } : {});
    await until(
      `${host.name} has a panel`,
      async () => (await panel.#ask('panel')).stdout === 'true',
      LONG_MS,
    );
    return panel;
  }

  get env(): Readonly<Record<string, string>> {
    return {
      ...this.host.seatEnv,
      XDG_RUNTIME_DIR: `/run/user/${LAB_UID}`,
      DBUS_SESSION_BUS_ADDRESS: `unix:path=/run/user/${LAB_UID}/bus`,
      XDG_CURRENT_DESKTOP: 'XFCE',
      NO_AT_BRIDGE: '1',
    };
  }

  spawn(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const running = this.host.spawn(argv, { env: { ...this.env, ...env }, timeoutMs: DAY_MS });
    this.#running.push(running);
    return running;
  }

  async menu(): Promise<readonly ShownItem[]> {
    const { code, stdout } = await this.#ask('menu');
    return code === 0 ? (JSON.parse(stdout) as ShownItem[]) : [];
  }

  /** Waits until a path of labels (or their beginnings) is there. */
  async shows(...labels: readonly string[]): Promise<ShownItem> {
    let seen: readonly ShownItem[] = [];
    return until(
      `the menu of ${this.host.name} has ${labels.join(' ▸ ')}`,
      async () => {
        seen = await this.menu();
        try {
          return itemAt(seen, ...labels);
        } catch {
          return undefined;
        }
      },
      LONG_MS,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; it has: ${seen.map(({ label }) => label || '-').join(' | ')}`);
    });
  }

  /** Clicks an item of the menu as soon as it can have been seen. */
  async choose(...labels: readonly string[]): Promise<void> {
    await until(
      `${labels.join(' ▸ ')} is clicked on ${this.host.name}`,
      async () => (await this.#ask('click', ...labels)).code === 0,
      LONG_MS,
    );
  }

  async xdotool(...args: readonly string[]): Promise<void> {
    await this.host.user(['xdotool', ...args], { env: this.env });
  }

  /** Opens the menu with the mouse. */
  async open(): Promise<void> {
    await until(
      `the menu of ${this.host.name} is open`,
      async () => {
        if ((await this.openMenus()) > 0) return true;
        await this.xdotool('mousemove', '16', '16', 'click', '1');
        await new Promise((resolve) => setTimeout(resolve, 500));
        return (await this.openMenus()) > 0;
      },
      LONG_MS,
    );
  }

  async keys(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.xdotool('key', '--delay', '60', name);
  }

  async openMenus(): Promise<number> {
    return openMenusOf(
      async (args) => (await this.host.user(['xwininfo', ...args], { env: this.env })).stdout,
    );
  }

  end(): void {
    for (const running of this.#running.reverse()) running.kill('SIGTERM');
  }

  #ask(...args: readonly string[]): Promise<RunResult> {
    return this.host.user(['node', this.#reader, ...args], { env: this.env });
  }
}
