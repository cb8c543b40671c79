/** `hotdesk tray` on a real panel, used by mouse and keys as a person does. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type Client, connect } from '../../src/client/client.ts';
import { pathsOf } from '../../src/protocol/paths.ts';
import { viewOf } from '../../src/tray/menu/menu.ts';
import { LONG, SHORT } from '../../src/tray/menu/model.ts';
import { Panel, type PanelOptions } from '../rigs/panel/panel.ts';
import { until } from '../rigs/until.ts';
import { expected, KINDS, type Kind, read } from './adapters.ts';

const HOTDESK = fileURLToPath(new URL('../../bin/hotdesk.js', import.meta.url));
const UID = process.getuid?.() ?? 0;
/** Other tests may load the machine. */
const LONG_MS = 40_000;

let panel: Panel;
let client: Client | undefined;

afterEach(async () => {
  client?.close();
  client = undefined;
  await hotdesk('agent', 'stop');
  const tmux = panel.spawn(['tmux', 'kill-server']);
  await once(tmux, 'exit');
  await panel.end();
});

/** Runs hotdesk in the panel's session; what it said. */
async function hotdesk(...args: string[]): Promise<string> {
  const child = panel.spawn([process.execPath, HOTDESK, ...args]);
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await once(child, 'close');
  return said;
}

async function begin(kind: Kind, options: PanelOptions = {}): Promise<void> {
  panel = await Panel.start(options);
  await hotdesk('config', 'set', 'tray.backend', kind);
  await hotdesk('config', 'set', 'advertise', 'off');
}

function startTray(): { child: ChildProcess; said: () => string } {
  const child = panel.spawn([process.execPath, HOTDESK, 'tray']);
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { child, said: () => text };
}

async function agent(): Promise<Client> {
  client ??= await connect({ paths: pathsOf(panel.env, UID), uid: UID, start: 'never', checks: 'envelope' });
  return client;
}

/** What the menu must be, from the agent itself. */
async function model(kind: Kind): Promise<unknown[]> {
  const asked = await agent();
  const snapshot = await asked.call('catalogue', { look: 'none', waitMs: 0 });
  const { profiles } = await asked.call('profiles.list', { probe: false });
  const apps = await Promise.all(
    snapshot.hosts.map(async ({ key }) => {
      const { applications = [] } = await asked.call('apps.list', { host: key, locale: 'C.UTF-8' });
      const shown = applications.filter((app) => app.hidden === undefined);
      return [key, { state: 'known' as const, apps: shown }] as const;
    }),
  );
  const view = viewOf(
    {
      snapshot,
      seat: panel.env.DISPLAY,
      can: new Map(profiles.map(({ name, can }) => [name, can])),
      terminals: new Set(profiles.filter(({ kinds }) => kinds.includes('terminal')).map(({ name }) => name)),
      apps: new Map(apps),
      notices: [],
      underWay: new Map(),
    },
    kind === 'sni' ? LONG : SHORT,
  );
  return expected(view.menu, kind);
}

/** The menu as the panel reads it; [] while another program takes over. */
const menu = async () =>
  panel
    .menu()
    .then((shown) => shown.read())
    .catch(() => []);

/** Clicks an item as soon as it can have been seen; another program may be taking over just now. */
async function click(...at: readonly string[]): Promise<void> {
  await until(
    `“${at.join(' ▸ ')}” is clicked`,
    async () => {
      try {
        await (await panel.menu()).choose(...at);
        return true;
      } catch {
        return false;
      }
    },
    LONG_MS,
  );
}

const labels = async () => (await menu()).map((item) => item.label);

/** Kills a process; whether it was there still. */
function isKilled(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;

const windows = () => panel.xdotool('search', '--onlyvisible', '--class', 'xterm').catch(() => '');

describe.each(KINDS)('hotdesk tray by %s on xfce4-panel', (kind) => {
  it('shows its icon and the menu of the model; a click and keys open a session', async () => {
    await begin(kind);
    await hotdesk(
      'start',
      'localhost',
      '--no-attach',
      '--backend',
      'tmux',
      '--name',
      'a_b',
      '--',
      'sleep',
      '1000',
    );
    const before = await panel.pixels(0, 0, 32, 32);
    const { said } = startTray();
    await until('it says that it is shown', () => said().includes(`(${kind})`), LONG_MS);
    await until(
      'the panel draws it',
      async () => !(await panel.pixels(0, 0, 32, 32)).equals(before),
      LONG_MS,
    );

    let [seen, wanted]: unknown[][] = [[], []];
    await until(
      'the menu is the model',
      async () => {
        [seen, wanted] = [read(await menu()), await model(kind)];
        return JSON.stringify(seen) === JSON.stringify(wanted);
      },
      LONG_MS,
    ).catch(() => expect(seen).toEqual(wanted));

    await panel.click(panel.iconAt.x, panel.iconAt.y);
    await until('a menu is open', async () => (await panel.openMenus()) > 0, LONG_MS);
    await panel.keys('Down', 'Right');
    await until('its submenu is open', async () => (await panel.openMenus()) > 1, LONG_MS);
    await panel.keys('Return');
    await until('a terminal shows the session', async () => (await windows()) !== '', LONG_MS);
    await until('and the menu says so', async () => (await labels())[0]?.includes('(shown here)'), LONG_MS);

    await click('a_b', 'Detach');
    await until('the terminal is gone', async () => (await windows()) === '', LONG_MS);
    await until('the menu says so', async () => /^a_b — [^(]*$/u.test((await labels())[0] ?? ''), LONG_MS);
    await click('a_b', 'Stop…', 'Yes, end a_b');
    await until('the session is gone', async () => (await labels())[0] === 'No sessions', LONG_MS);
  }, 240_000);

  it('survives the panel and the agent, is there once, and quits', async () => {
    await begin(kind);
    const { child, said } = startTray();
    await panel.icon(LONG_MS);
    expect(await hotdesk('tray')).toContain(`runs already (pid ${child.pid})`);

    await panel.stopPanel();
    await until('it says that there is no panel', () => /no status tray/u.test(said()), LONG_MS);
    await panel.startPanel();
    await panel.icon(LONG_MS);

    await hotdesk('agent', 'stop');
    await until(
      'it says that no agent runs',
      async () => (await labels()).includes('Start the agent'),
      LONG_MS,
    );
    // One that was told to end is left alone.
    expect(existsSync(path.join(panel.env.HOTDESK_RUNTIME_DIR ?? '', 'agent.sock'))).toBe(false);
    await hotdesk('agent', 'start');
    await until('it is back', async () => (await labels()).includes('No sessions'), LONG_MS);
    await hotdesk('agent', 'stop');
    await until('it says so again', async () => (await labels()).includes('Start the agent'), LONG_MS);
    await click('Start the agent');
    await until('the menu has started it', async () => (await labels()).includes('No sessions'), LONG_MS);

    expect(isRunning(child)).toBe(true);
    await click('Quit');
    await until('it has ended', () => !isRunning(child), LONG_MS);
    expect(child.exitCode).toBe(0);
    await until('its icon is gone', async () => (await panel.icons()).length === 0, LONG_MS);
  }, 240_000);

  it('goes on after a suspend, with what came meanwhile', async () => {
    await begin(kind);
    const { child, said } = startTray();
    await panel.icon(LONG_MS);
    await until('the agent is there', async () => (await labels()).includes('No sessions'), LONG_MS);
    const { pid } = await (await agent()).call('status', {});
    const frozen = [pid, child.pid ?? 0, ...(await panel.childrenOf(child))];
    // One of them may end just then: a larger pool of items takes over.
    const send = (pid: number, signal: 'SIGSTOP' | 'SIGCONT') => {
      if (existsSync(`/proc/${pid}`)) process.kill(pid, signal);
    };
    try {
      // What the kernel does to each process (Documentation/power/freezing-of-tasks), for longer than any of
      // their waits for one another.
      for (const each of frozen) send(each, 'SIGSTOP');
      const tmux = panel.spawn(['tmux', 'new-session', '-d', '-s', 'meanwhile', 'sleep 600']);
      await once(tmux, 'exit');
      await new Promise((resolve) => setTimeout(resolve, 7000));
    } finally {
      for (const each of frozen.toReversed()) send(each, 'SIGCONT');
    }
    await until(
      'what came is in the menu',
      async () => (await labels())[0]?.startsWith('meanwhile'),
      LONG_MS,
    );
    await until('there is one icon', async () => (await panel.icons()).length === 1, LONG_MS);
    expect(isRunning(child)).toBe(true);
    expect(said()).not.toMatch(/ended|lost|no status tray/iu);
  }, 120_000);

  it('without a panel says what helps, goes on, and appears when one comes', async () => {
    await begin(kind, { empty: true });
    const { child, said } = startTray();
    await until('it says what helps', () => /hotdesk list --watch/u.test(said()), LONG_MS);
    expect(said().match(/No tray icon/gu)).toHaveLength(1);
    expect(isRunning(child)).toBe(true);
    await panel.startPanel();
    await panel.icon(LONG_MS);
  }, 120_000);

  it('comes again when what shows it is killed', async () => {
    await begin(kind);
    const { child } = startTray();
    let first = await panel.icon(LONG_MS);
    if (kind === 'sni') {
      // Killed itself, its icon goes with it, and it can be started again at once.
      child.kill('SIGKILL');
      await until('its icon is gone', async () => (await panel.icons()).length === 0, LONG_MS);
      startTray();
    } else {
      // A larger pool of items takes over when the sessions are known.
      await until('the agent is there', async () => (await labels()).includes('No sessions'), LONG_MS);
      await until('its program is killed', async () => {
        first = await panel.icon(LONG_MS);
        const [pid, more] = await panel.childrenOf(child);
        return more === undefined && isKilled(pid);
      });
    }
    await until(
      'another icon',
      async () => {
        const [icon, more] = await panel.icons();
        return icon !== undefined && more === undefined && !icon.startsWith(`${first.destination}/`);
      },
      LONG_MS,
    );
  }, 120_000);
});

describe('hotdesk tray', () => {
  it('takes the other adapter where the first cannot run', async () => {
    await begin('sni');
    await hotdesk('config', 'unset', 'tray.backend');
    // Its program is there and ends at once: as without GTK.
    const child = panel.spawn([process.execPath, HOTDESK, 'tray'], {
      LD_LIBRARY_PATH: '',
      GDK_BACKEND: 'nowhere',
    });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until('sni shows it', () => said.includes('(sni)'), LONG_MS);
    expect(said).toContain('systray2:');
    await panel.icon(LONG_MS);
  }, 120_000);

  it('moves on with the login: another DISPLAY reaches the tray that is there', async () => {
    await begin('sni');
    const { child } = startTray();
    await panel.icon(LONG_MS);
    await until(
      'the seat is known',
      async () => (await (await agent()).call('status', {})).seats.length === 1,
      LONG_MS,
    );
    const old = panel.env.DISPLAY;
    const next = await panel.moveDisplay();
    expect(next).not.toBe(old);
    const said = await hotdesk('tray');
    expect(said).toContain(`runs already (pid ${child.pid})`);
    await until(
      'its seat is the new one',
      async () => (await (await agent()).call('status', {})).seats.includes(next),
      LONG_MS,
    );
    await panel.startPanel();
    await panel.icon(LONG_MS);
    expect(isRunning(child)).toBe(true);
  }, 120_000);
});
