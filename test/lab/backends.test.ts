/** One session of each backend on h2, started by hotdesk and by hand: listed, shown on h1, moved to h3, ended. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';
import { shotFile } from '../rigs/shots.ts';
import { until } from '../rigs/until.ts';
import { ASKING, answers, serveXrdp } from '../rigs/xrdp/lab.ts';
import { XRDP_PASSWORD } from '../rigs/xrdp/password.ts';

interface Kind {
  readonly backend: string;
  /** What `hotdesk start` gets besides the host and its name. */
  readonly start: readonly string[];
  /** What the title of its window holds where that is shown. */
  readonly title: string;
}

/** Each has its own name, by which it is found everywhere. */
const KINDS: readonly Kind[] = [
  { backend: 'vnc', start: ['--', 'xterm'], title: 'my-vnc' },
  { backend: 'xpra-desktop', start: ['-o', 'geometry=700x500'], title: 'on h2' },
  { backend: 'xephyr', start: ['-o', 'geometry=600x400'], title: 'my-xephyr' },
  { backend: 'xnest', start: ['-o', 'geometry=600x400', '--', 'xterm'], title: 'my-xnest' },
  { backend: 'vnc-shadow', start: [], title: 'my-vnc-shadow' },
  // xpra calls it after the display's window manager or host.
  { backend: 'xpra-shadow', start: [], title: 'on h2' },
  {
    backend: 'spice-vm',
    start: ['-o', 'grace=0', '--', ...'qemu-system-x86_64 -machine q35,accel=tcg -m 64 -vga qxl'.split(' ')],
    title: 'my-spice-vm',
  },
  { backend: 'rdp-shadow', start: [], title: 'my-rdp-shadow' },
  { backend: 'rdp', start: ['-o', 'geometry=700x500', '--', 'xterm'], title: 'my-rdp' },
  { backend: 'x2go', start: ['--', 'xterm', '-T', 'my-x2go', '-e', 'sleep', '1000'], title: 'my-x2go' },
  { backend: 'xpra', start: ['--', 'xterm', '-T', 'my-xpra', '-e', 'sleep', '1000'], title: 'my-xpra' },
  { backend: 'tmux', start: ['--', 'sleep', '1000'], title: 'my-tmux' },
  { backend: 'screen', start: ['--', 'sleep', '1000'], title: 'my-screen' },
  { backend: 'dtach', start: ['--', 'sleep', '1000'], title: 'my-dtach' },
];

/** As `hotdesk list` calls them: by what they were given, or else by what they show. */
const BY_HAND: Readonly<Record<string, string>> = {
  xpra: 'XPRA_SYSTEM_CONF_DIRS=/nonexistent xpra start --session-name=hand-xpra --start=xterm --systemd-run=no --pulseaudio=no --mdns=no :80',
  vnc: 'tigervncserver -localhost yes -SecurityTypes None -xstartup /usr/bin/xterm -desktop hand-vnc',
  'vnc-shadow':
    'XAUTHORITY=~/.Xauthority setsid X0tigervnc -display :0 -SecurityTypes None -rfbport=-1 -rfbunixpath=$HOME/hand.vnc -desktop hand-vnc-shadow &',
  'rdp-shadow':
    'DISPLAY=:0 XAUTHORITY=~/.Xauthority setsid freerdp-shadow-cli /ipc-socket:$HOME/hand-rdp-shadow.sock -auth /sec:tls &',
  x2go: 'USER=$(id -un) X2GO_CLIENT=127.0.0.1 x2gostartagent 800x600 lan 16m-jpeg-9 unix-kde-depth_24 us pc105/us 1 R hand-x2go both',
  tmux: 'tmux -u new-session -d -s hand-tmux',
  screen: 'TERM=xterm screen -dmS hand-screen',
  dtach: 'dtach -n ./hand-dtach sleep 1000',
  'spice-vm':
    'qemu-system-x86_64 -machine q35,accel=tcg -m 64 -S -display none -name hand-spice-vm -spice unix=on,addr=hand.sock,disable-ticketing=on -daemonize',
};

/** A line of `hotdesk list`. */
const lineOf = (name: string, backend: string) => new RegExp(`^h2 +${name} +${backend} `, 'mu');

describe('every backend between three hosts', () => {
  let lab: Lab;
  let h1: Desk;
  let h2: Desk;
  let h3: Desk;

  beforeAll(async () => {
    lab = await Lab.up({ hosts: 3, avahi: [], seats: true });
    const [first, second, third] = lab.hosts.map((host) => new Desk(host));
    if (!first || !second || !third) throw new Error('the lab has three hosts');
    [h1, h2, h3] = [first, second, third];
    // Made by systemd-tmpfiles or an init script elsewhere.
    await h2.host.root(['install', '-d', '-m', '1777', '/run/screen']);
    // Somebody is logged in on h2's display.
    h2.host.spawn(['xterm', '-T', 'at the desk'], { env: h2.host.seatEnv, timeoutMs: 1_800_000 });
    await serveXrdp(h2.host);
    for (const desk of [h1, h3]) await answers(desk.host, XRDP_PASSWORD);
    for (const desk of [h1, h2, h3]) await desk.ok(['agent', 'start']);
    for (const desk of [h1, h2, h3]) {
      await until(`${desk.host.name} has all`, async () => {
        const hosts = await desk.hosts();
        return hosts.filter((h) => ['local', 'agent'].includes(h.state)).length === 3;
      });
    }
  });
  afterAll(async () => {
    await lab?.down();
  });

  const shows = async (desk: Desk, title: string) =>
    (await desk.host.windows()).some(({ name }) => name.includes(title));
  const picture = async (desk: Desk, name: string) => {
    const file = shotFile(`${name}.png`);
    if (!file) return;
    // A window is there before what it shows is painted.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await desk.host.screenshot(file);
  };
  const listed = async (name: string) => (await h3.sessions()).find((session) => session.name === name);

  it.each(KINDS)('$backend: shown on h1, moved to h3, stopped', async ({ backend, start, title }) => {
    const name = `my-${backend}`;
    await h1.ok(['start', 'h2', '--backend', backend, '--name', name, '--no-attach', ...start], ASKING);
    const row = await until('h3 lists it', () => listed(name));
    expect(row).toMatchObject({ backend, host: 'h2', shownAt: [] });

    await h1.ok(['attach', name], ASKING);
    await until('h1 shows it', () => shows(h1, title), 30_000);
    await until('h3 knows where', async () => (await listed(name))?.shownAt.join() === 'h1');
    await picture(h1, `${backend}-h1`);

    await h3.ok(['move', name], ASKING);
    await until('h3 shows it', () => shows(h3, title), 30_000);
    await until('h1 does not any more', async () => !(await shows(h1, title)));
    await until('it is shown at h3 alone', async () => (await listed(name))?.shownAt.join() === 'h3');
    await picture(h3, `${backend}-h3`);

    await h1.ok(['stop', name, '--yes']);
    await until('it is gone', async () => (await listed(name)) === undefined);
    await until('h3 does not show it', async () => !(await shows(h3, title)));
  });

  it('one of each kind, by hotdesk and by hand, in one list; all can be stopped', async () => {
    for (const { backend, start } of KINDS) {
      await h1.ok(
        ['start', 'h2', '--backend', backend, '--name', `all-${backend}`, '--no-attach', ...start],
        ASKING,
      );
    }
    for (const command of Object.values(BY_HAND)) {
      const end = command.endsWith('&') ? '' : ';';
      await h2.host.user(['sh', '-c', `{ ${command}${end} } >/dev/null 2>&1 </dev/null`]);
    }
    for (const backend of Object.keys(BY_HAND)) {
      const row = await until(
        `${backend} is listed`,
        async () => {
          // Whoever asks there makes the agent look at once; others hear of it.
          await h2.sessions();
          return listed(`hand-${backend}`);
        },
        30_000,
      );
      expect(row).toMatchObject({ backend, host: 'h2' });
    }
    const { stdout } = await h3.ok(['list']);
    for (const { backend } of KINDS) expect(stdout).toMatch(lineOf(`all-${backend}`, backend));
    for (const backend of Object.keys(BY_HAND)) expect(stdout).toMatch(lineOf(`hand-${backend}`, backend));
    const file = shotFile('list.txt');
    if (file) writeFileSync(file, stdout);
    for (const { ref } of await h3.sessions()) await h1.ok(['stop', ref, '--yes']);
    await until('all are gone', async () => (await h3.sessions()).length === 0, 30_000);
  });

  it('screen works where the system has no folder for its sockets', async () => {
    await h3.ok([
      'start',
      'h1',
      '--backend',
      'screen',
      '--name',
      'homely',
      '--no-attach',
      '--',
      'sleep',
      '1000',
    ]);
    await until('it is listed', () => listed('homely'));
    await h3.ok(['attach', 'homely']);
    await until('h3 shows it', () => shows(h3, 'homely'));
    await h1.ok(['stop', 'homely', '--yes']);
    await until('it is gone', async () => (await listed('homely')) === undefined);
  });

  it('nothing of any of them is left', async () => {
    const ours =
      /vnc|rdp|Xorg|x2goagent|nxproxy|xpra|Xvfb-for|xephyr|xnest|tmux|screen|dtach|qemu|openbox|hotdesk-/iu;
    const left = async () => (await h2.host.leftovers()).processes.filter((process) => ours.test(process));
    await until('no process', async () => (await left()).length === 0).catch(async () => {
      expect(await left()).toEqual([]);
    });
  });
});
