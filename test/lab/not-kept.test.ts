/** Applications that live by their viewer: over ssh -X, started from another host, and gone with it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kill } from '../contract/rig.ts';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';
import { until } from '../rigs/until.ts';
import { fill, hide } from './backend-faults.ts';

let lab: Lab;
let h1: Desk;
let h2: Desk;

const shows = async (name: string) => (await h1.host.windows()).some((window) => window.name === name);
/** Of the session: its programs and what it wrote. */
const left = async () => {
  const found = await h2.host.user([
    'sh',
    '-c',
    'ls /run/user/*/hotdesk-ssh ~/.hotdesk-ssh 2>/dev/null; pgrep -ax xlogo',
  ]);
  return found.stdout.split('\n').filter((line) => line !== '' && !line.endsWith(':'));
};

beforeAll(async () => {
  lab = await Lab.up({ hosts: 2, seats: true });
  const [first, second] = lab.hosts.map((host) => new Desk(host));
  if (!first || !second) throw new Error('the lab has two hosts');
  [h1, h2] = [first, second];
  await h1.ok(['agent', 'start']);
  await h1.ok(['hosts', 'add', 'h2', '--ssh', h2.host.ip]);
});
afterAll(async () => {
  await lab?.down();
});

it('shows it, untrusted; lists it; attaches to it nowhere else; ends it', async () => {
  await h1.ok([
    'start',
    'h2',
    '--backend',
    'ssh-x11',
    '--name',
    'logo',
    '--',
    'xlogo',
    '-name',
    "it's $HOME",
  ]);
  await until('its window', () => shows("it's $HOME"));
  const [row] = (await h1.sessions()).filter(({ backend }) => backend === 'ssh-x11');
  expect(row).toMatchObject({ name: 'logo', host: 'h2' });
  const processes = await h1.host.processes();
  expect(processes.some(({ argv }) => argv[0]?.endsWith('/ssh') && argv.includes('-X'))).toBe(true);
  const there = await h2.run(['attach', 'logo', '--json']);
  expect(JSON.parse(there.stdout).error).toMatchObject({ code: 'not-supported' });
  expect(await shows("it's $HOME")).toBe(true);
  await h1.ok(['stop', 'logo', '--yes']);
  await until('its window is gone', async () => !(await shows("it's $HOME")));
  await until('nothing is left', async () => (await left()).length === 0);
});

it('ends with its viewer, however that ends', async () => {
  await h1.ok(['start', 'h2', '--backend', 'ssh-x11', '--name', 'logo', '--', 'xlogo']);
  await until('its window', () => shows('xlogo'));
  await h1.host.user(['pkill', '-KILL', '-x', 'ssh']);
  await until('its window is gone', async () => !(await shows('xlogo')));
  await until('nothing is left', async () => (await left()).length === 0, 30_000);
});

it('is not started where it would not be shown, nor what is not there, and says why it ended', async () => {
  const ran = async (...args: string[]) => {
    const { stdout } = await h1.run(['start', 'h2', '--backend', 'ssh-x11', '--json', ...args]);
    return (JSON.parse(stdout) as { error: { code: string; message: string } }).error;
  };
  expect(await ran('--no-attach', '--', 'xlogo')).toMatchObject({ code: 'not-supported' });
  expect(await ran('--', 'no-such-program')).toMatchObject({ code: 'application-missing' });
  const ended = await ran('--', 'sh', '-c', 'echo "cannot open the moon" >&2; exit 3');
  expect(ended).toMatchObject({ code: 'application-exited' });
  expect(ended.message).toContain('cannot open the moon');
  await until('nothing is left', async () => (await left()).length === 0);
});

interface Row {
  readonly backend: string;
  readonly app: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Without it on h2, or on h1, nothing can be started. */
  readonly there: string;
  readonly here: string;
}

/** Each fault by one error with its cure; of two each is its own. */
async function goesWrong({ backend, app, env = {}, there, here }: Row): Promise<void> {
  const start = (name: string) => ['start', 'h2', '--backend', backend, '--name', name, '--', app];
  const fails = async (args: readonly string[]) => {
    const [command = '', ...rest] = args;
    const { stdout } = await h1.run([command, '--json', ...rest], { env });
    return (JSON.parse(stdout) as { error?: { code: string; message: string; hint?: string } }).error;
  };
  const having = async (fault: Promise<() => Promise<void>>, code: string, hint: RegExp) => {
    const undo = await fault;
    const error = await fails(start('not')).finally(undo);
    expect(error).toMatchObject({ code, hint: expect.stringMatching(hint) });
    await until('nothing is left', async () => (await left()).length === 0);
  };
  await having(hide(h2.host, [there]), 'backend-missing', /install/u);
  await having(hide(h1.host, [here]), 'viewer-missing', /doctor/u);
  await having(fill(h2.host), 'start-failed', /df -h/u);
  const missing = await fails(start('not').map((word) => (word === app ? 'no-such-program' : word)));
  expect(missing).toMatchObject({ code: 'application-missing', hint: expect.any(String) });

  const mine = async () => (await h1.sessions()).filter((row) => row.backend === backend);
  const programs = () => h2.host.processes().filter(({ argv }) => argv[0]?.endsWith(app));
  await Promise.all(['one', 'two'].map((name) => h1.ok(start(name), { env })));
  expect((await mine()).map(({ name }) => name).sort()).toEqual(['one', 'two']);
  expect(programs()).toHaveLength(2);
  kill(programs()[0]?.outerPid ?? 0);
  const [rest] = await until('one is gone', async () => {
    const rows = await mine();
    return rows.length === 1 && rows;
  });
  expect(programs()).toHaveLength(1);
  await h1.ok(['stop', rest?.ref ?? '', '--yes']);
  await until('nothing is left', async () => programs().length === 0 && (await left()).length === 0);
}

it('goes wrong, with what each fault is cured by', async () => {
  await goesWrong({ backend: 'ssh-x11', app: 'xlogo', there: 'xauth', here: 'ssh' });
});

it('says so where sshd forwards no X11', async () => {
  const config = '/etc/ssh/sshd_config';
  const reload = `kill -HUP "$(cat /run/sshd.pid)"`;
  await h2.host.root(['sh', '-c', `sed -i 's/^X11Forwarding.*/X11Forwarding no/' ${config}; ${reload}`]);
  const refused = await h1.run(['start', 'h2', '--backend', 'ssh-x11', '--json', '--', 'xlogo']);
  expect(refused.code).not.toBe(0);
  expect(refused.stdout).toContain('X11');
  await until('nothing is left', async () => (await left()).length === 0);
});

it('is chosen only by who asks for it', async () => {
  const started = await h1.ok(['start', 'h2', '--explain', '--no-attach', '--name', 'kept', '--', 'xlogo']);
  expect(started.stderr).toContain('xpra');
  expect(started.stderr).not.toContain('ssh-x11');
  await h1.ok(['stop', 'kept', '--yes']);
});

describe('over waypipe', () => {
  const seatEnv = { XDG_RUNTIME_DIR: '/run/user/4200', WAYLAND_DISPLAY: 'wl-lab' };
  const marks = async (host: Desk) =>
    (await host.host.user(['pgrep', '-ax', 'weston-simple-s'])).stdout.split('\n').filter(Boolean);

  beforeAll(async () => {
    const compositor = ['weston', '--backend=headless-backend.so', '--socket=wl-lab', '--idle-time=0'];
    await h1.host.user(['sh', '-c', `setsid ${compositor.join(' ')} >/dev/null 2>&1 </dev/null &`], {
      env: seatEnv,
    });
    await until('the compositor', async () => {
      const found = await h1.host.user(['test', '-S', '/run/user/4200/wl-lab']);
      return found.code === 0;
    });
  });

  it('is shown by the compositor there, is listed, and ends', async () => {
    const start = ['start', 'h2', '--backend', 'waypipe', '--name', 'shm', '--', 'weston-simple-shm'];
    await h1.ok(start, { env: seatEnv });
    const [row] = (await h1.sessions()).filter(({ name }) => name === 'shm');
    expect(row).toMatchObject({ backend: 'waypipe', host: 'h2' });
    expect(await marks(h2)).toHaveLength(1);
    await h1.ok(['stop', 'shm', '--yes']);
    await until('it has ended', async () => (await marks(h2)).length === 0);
    await until('nothing is left', async () => (await left()).length === 0);
  });

  it('goes wrong, with what each fault is cured by', async () => {
    const app = 'weston-simple-shm';
    await goesWrong({ backend: 'waypipe', app, env: seatEnv, there: 'waypipe', here: 'waypipe' });
  });
});
