/** A real notification daemon (dunst) on a display and a bus of a test's own, and what it was told. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { TestBus } from './bus.ts';
import { until } from './until.ts';
import { type Display, startXvfb } from './xvfb.ts';

const run = promisify(execFile);

/** One call of Notify (Desktop Notifications Specification). */
export interface Told {
  readonly app: string;
  readonly icon: string;
  readonly summary: string;
  readonly body: string;
  /** Labels of the actions, by their key. */
  readonly actions: Readonly<Record<string, string>>;
}

export class Dunst {
  readonly env: Readonly<Record<string, string>>;
  readonly #folder: string;
  readonly #bus: TestBus;
  readonly #display: Display;
  readonly #children: ChildProcess[] = [];
  #heard = '';

  private constructor(folder: string, bus: TestBus, display: Display) {
    this.#folder = folder;
    this.#bus = bus;
    this.#display = display;
    this.env = { DISPLAY: display.name, DBUS_SESSION_BUS_ADDRESS: bus.address };
  }

  /** @param background of the notifications, as `#rrggbb` */
  static async start(background = '#285577'): Promise<Dunst> {
    const folder = mkdtempSync(path.join(tmpdir(), 'hotdesk-dunst-'));
    const dunst = new Dunst(folder, await TestBus.start(), await startXvfb());
    await dunst.#begin(background);
    return dunst;
  }

  /** Everything that it was told so far. */
  get told(): readonly Told[] {
    return parseMonitor(this.#heard);
  }

  /** Chooses the action with that label of the latest notification, as its context menu does. */
  async choose(label: string): Promise<void> {
    writeFileSync(path.join(this.#folder, 'wish'), label);
    await this.#dunstctl('context');
  }

  /** Clicks them all away. */
  async closeAll(): Promise<void> {
    await this.#dunstctl('close-all');
  }

  /** How many are on the screen. */
  async shown(): Promise<number> {
    return Number((await this.#dunstctl('count', 'displayed')).trim());
  }

  /** Writes a PNG of the screen. */
  async screenshot(file: string): Promise<void> {
    await run('import', ['-window', 'root', file], { env: { ...process.env, ...this.env } });
  }

  async end(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await this.#bus.end();
    await this.#display.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #begin(background: string): Promise<void> {
    const menu = path.join(this.#folder, 'menu');
    writeFileSync(menu, MENU_SCRIPT);
    chmodSync(menu, 0o755);
    const config = path.join(this.#folder, 'dunstrc');
    writeFileSync(config, dunstConfig(this.#folder, background));
    const monitor = this.#spawn('dbus-monitor', ['--address', this.#bus.address, NOTIFY_CALLS]);
    monitor.stdout?.on('data', (chunk: Buffer) => {
      this.#heard += chunk.toString('utf8');
    });
    this.#spawn('dunst', ['-conf', config]);
    await until('dunst answers', async () => (await this.shown().catch(() => -1)) === 0, 30_000);
    await until('the monitor listens', () => this.#heard !== '', 30_000);
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    const child = spawn(program, args, {
      env: { ...process.env, ...this.env, XDG_CONFIG_HOME: this.#folder },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#children.push(child);
    return child;
  }

  async #dunstctl(...args: string[]): Promise<string> {
    const { stdout } = await run('dunstctl', args, { env: { ...process.env, ...this.env } });
    return stdout;
  }
}

/** What tells of each notification: an argument of dbus-monitor(1). */
export const NOTIFY_CALLS = "type='method_call',interface='org.freedesktop.Notifications',member='Notify'";

/**
 * dunst's configuration. Which action of a notification is chosen when `dunstctl context` asks: the one
 * whose label is in `wish`.
 * @param folder as the program sees it, which has `menu` (`MENU_SCRIPT`) and `wish`
 */
export function dunstConfig(folder: string, background = '#285577'): string {
  return `[global]
    dmenu = ${folder}/menu
    font = DejaVu Sans 11
    width = 420
    height = 300
[urgency_normal]
    background = "${background}"
    timeout = 0
`;
}

/** Picks the line of dunst's list that holds the label that is wanted. */
export const MENU_SCRIPT = `#!/bin/sh
grep -F -- "$(cat "\${0%/*}/wish")" | head -n 1
`;

/** dbus-monitor(1): a line for each argument, strings in double quotes, not escaped. */
export function parseMonitor(text: string): Told[] {
  return text
    .split(/^method call .*member=Notify$/mu)
    .slice(1)
    .filter((call) => /^ {3}int32 /mu.test(call))
    .map((call) => {
      const [head = '', tail = ''] = call.split(/^ {3}array \[$/mu);
      const [app = '', icon = '', summary = '', body = ''] = [
        ...head.matchAll(/^ {3}string "([\s\S]*?)"$/gmu),
      ].map(([, value = '']) => value);
      const words = [...(tail.split(/^ {3}\]$/mu)[0] ?? '').matchAll(/^ {6}string "(.*)"$/gmu)].map(
        ([, value = '']) => value,
      );
      const pairs = words.flatMap((key, i) => (i % 2 === 0 ? [[key, words[i + 1] ?? '']] : []));
      return { app, icon, summary, body, actions: Object.fromEntries(pairs) as Record<string, string> };
    });
}
