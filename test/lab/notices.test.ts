/** What a desk is told by its tray: sessions that others open there or take from it, that end, and hosts that are lost. */
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dunstConfig, MENU_SCRIPT, NOTIFY_CALLS, parseMonitor, type Told } from '../rigs/dunst.ts';
import { LAB_UID, type LabHost } from '../rigs/lab/host.ts';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';
import type { Running } from '../rigs/lab/run.ts';
import { until } from '../rigs/until.ts';

const FOLDER = '/home/user/notices';
/** A machine that is busy with other tests takes its time. */
const PATIENCE = 60_000;

/** A session bus of a host with dunst on it and the tray, which needs no panel for this. */
class Desktop {
  readonly #host: LabHost;
  readonly #folder: string;
  #tray: Running | undefined;

  constructor(host: LabHost) {
    this.#host = host;
    this.#folder = join(host.home, 'notices');
  }

  async start(): Promise<void> {
    await mkdir(this.#folder);
    await chown(this.#folder, LAB_UID, LAB_UID);
    await this.#write('menu', MENU_SCRIPT);
    await this.#write('dunstrc', dunstConfig(FOLDER));
    const session = [
      `cd ${FOLDER} && printenv DBUS_SESSION_BUS_ADDRESS > bus`,
      `dbus-monitor --session "${NOTIFY_CALLS}" > told 2>&1 &`,
      'dunst -conf ./dunstrc > dunst.log 2>&1 &',
      'exec hotdesk tray > tray.log 2>&1',
    ];
    this.#tray = this.#host.spawn(['dbus-run-session', '--', 'sh', '-c', session.join('\n')], {
      env: this.#host.seatEnv,
    });
    await until('dunst answers', async () => (await this.#dunstctl('count', 'displayed')) === '0', PATIENCE);
  }

  async told(): Promise<readonly Told[]> {
    return parseMonitor(await readFile(join(this.#folder, 'told'), 'utf8').catch(() => ''));
  }

  /** The first notification after `count` ones that has `text`. */
  tells(text: string, count = 0): Promise<Told> {
    return until(
      `the tray tells “${text}”`,
      async () => (await this.told()).slice(count).find(({ body }) => body.includes(text)),
      PATIENCE,
    );
  }

  /** Chooses until `done`: dunst may show a notification a moment after it was told of it. */
  async choose(label: string, what: string, done: () => Promise<boolean>): Promise<void> {
    await this.#write('wish', label);
    await until(
      what,
      async () => {
        if (Number(await this.#dunstctl('count', 'displayed')) > 0) await this.#dunstctl('context');
        return done();
      },
      PATIENCE,
    );
  }

  end(): void {
    this.#tray?.kill();
  }

  async #write(name: string, text: string): Promise<void> {
    await writeFile(join(this.#folder, name), text);
    await chmod(join(this.#folder, name), 0o755);
  }

  async #dunstctl(...args: string[]): Promise<string> {
    const bus = await readFile(join(this.#folder, 'bus'), 'utf8').catch(() => '');
    const env = { ...this.#host.seatEnv, DBUS_SESSION_BUS_ADDRESS: bus.trim() };
    return (await this.#host.user(['dunstctl', ...args], { env })).stdout.trim();
  }
}

let lab: Lab;
let h1: Desk;
let h2: Desk;
let desktop: Desktop;

const shownAt = async () => (await h2.sessions()).find(({ name }) => name === 'calc')?.shownAt ?? [];

beforeAll(async () => {
  lab = await Lab.up({ hosts: 2, seats: true });
  const [first, second] = lab.hosts.map((host) => new Desk(host));
  if (!first || !second) throw new Error('the lab has two hosts');
  [h1, h2] = [first, second];
  for (const desk of [h1, h2]) await desk.ok(['agent', 'start']);
  desktop = new Desktop(h1.host);
  await desktop.start();
  await until('they know each other', async () => {
    const seen = await Promise.all([h1.hosts(), h2.hosts()]);
    return seen.every((hosts) => hosts.filter(({ state }) => state === 'agent').length === 1);
  });
  await h2.ok(['start', 'h2', '--name', 'calc', '--', 'xterm']);
});
afterAll(async () => {
  desktop?.end();
  await lab?.down();
});

it('says who opened a session here, and sends it back when that is chosen', async () => {
  await h2.ok(['move', 'calc', '--to', 'h1']);
  const told = await desktop.tells('calc');
  expect(told).toMatchObject({
    app: 'hotdesk',
    summary: 'hotdesk',
    body: 'Opened here from h2: calc on h2.',
    actions: { keep: 'Keep', back: 'Send back' },
  });
  await until('h1 alone shows it', async () => (await shownAt()).join() === 'h1', PATIENCE);
  await desktop.choose('Send back', 'h2 shows it again', async () => (await shownAt()).join() === 'h2');
});

it('says who took a session from here, and takes it back when that is chosen', async () => {
  await h1.ok(['move', 'calc']);
  const before = (await desktop.told()).length;
  await h2.ok(['move', 'calc']);
  const told = await desktop.tells('Moved', before);
  expect(told).toMatchObject({
    body: 'Moved to h2: calc on h2.',
    actions: { fine: 'Fine', take: 'Take back' },
  });
  await desktop.choose('Take back', 'h1 shows it again', async () => (await shownAt()).join() === 'h1');
  // What was done from here is no news here.
  expect(await desktop.told()).toHaveLength(before + 1);
});

it('says what ended by itself, and nothing of what was stopped from here', async () => {
  await h1.ok([
    'start',
    'h2',
    '--backend',
    'tmux',
    '--name',
    'stopped',
    '--no-attach',
    '--',
    'sleep',
    '1000',
  ]);
  await h1.ok(['stop', 'stopped', '--yes']);
  // Nor of what somebody stopped at that machine.
  await h2.ok(['start', 'h2', '--backend', 'tmux', '--name', 'theirs', '--no-attach', '--', 'sleep', '1000']);
  const hasTheirs = async () => (await h1.sessions()).some(({ name }) => name === 'theirs');
  await until('h1 has it', hasTheirs, PATIENCE);
  await h2.ok(['stop', 'theirs', '--yes']);
  await until('it is gone', async () => !(await hasTheirs()), PATIENCE);
  const fails = ['sh', '-c', 'while [ ! -e ~/go ]; do sleep 0.1; done; echo no more paper; exit 3'];
  await h2.ok(['start', 'h2', '--backend', 'tmux', '--name', 'print', '--no-attach', '--', ...fails]);
  await until('h1 has it', async () => (await h1.sessions()).some(({ name }) => name === 'print'), PATIENCE);
  const before = (await desktop.told()).length;
  await h2.host.user(['touch', '/home/user/go']);
  expect((await desktop.tells('Ended', before)).body).toBe(
    'Ended on h2: print (exit code 3).\nno more paper',
  );
  const xterm = h2.host.processes().find(({ argv }) => argv[0] === 'xterm')?.pid;
  await h2.host.user(['kill', '-KILL', String(xterm)]);
  // What xterm said before is below it.
  const calc = await desktop.tells('Ended', before + 1);
  expect(calc.body.split('\n')[0]).toBe('Ended on h2: calc (SIGKILL).');
});

it('says once that a host is lost with all that it runs, and that it is back', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await h2.ok(['start', 'h2', '--backend', 'tmux', '--name', name, '--no-attach', '--', 'sleep', '1000']);
  }
  await until('h1 has them', async () => (await h1.sessions()).length === 5, PATIENCE);
  const before = (await desktop.told()).length;
  await h2.host.link('down');
  const lost = await desktop.tells('Not reachable', before);
  expect(lost.body).toMatch(/^Not reachable: h2, with \w, \w, \w and 2 more\. What runs there goes on\.$/u);
  await h2.host.link('up');
  const back = await desktop.tells('Reachable again', before);
  expect(back.body).toMatch(/^Reachable again: h2, with \w/u);
  expect((await desktop.told()).slice(before).map(({ body }) => body)).toEqual([lost.body, back.body]);
});
