/** Consoles by what somebody handed out: a .vv file, a .rdp file, URLs; each from another host, over the network. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desk } from '../rigs/lab/hotdesk.ts';
import { Lab } from '../rigs/lab/lab.ts';
import type { Running } from '../rigs/lab/run.ts';
import { until } from '../rigs/until.ts';
import { hide } from './backend-faults.ts';

let lab: Lab;
let h1: Desk;
let h2: Desk;
const running: Running[] = [];

const TICKET = 'tick-5e1f9c';

const windows = async () => (await h1.host.windows()).map(({ name }) => name);
const consoles = async () => (await h1.sessions()).filter(({ backend }) => backend === 'console');
const refusal = async (args: readonly string[]) => {
  const ran = await h1.run([...args, '--json']);
  return (JSON.parse(ran.stdout) as { error: { code: string; message: string; hint?: string } }).error;
};
const opened = async (args: readonly string[], stdin?: string) => {
  const ran = await h1.ok(['open', ...args, '--json'], stdin === undefined ? {} : { stdin });
  return JSON.parse(ran.stdout) as {
    session: { ref: string; kind: string; name: string };
    leftOut: string[];
  };
};
const serve = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  running.push(h2.host.spawn(argv, { env, timeoutMs: 600_000, stdin: '' }));
};
const listens = async (port: number) => {
  try {
    const table = async () => (await h2.host.user(['ss', '-tln'])).stdout;
    await until(`port ${port}`, async () => (await table()).includes(`:${port} `), 30_000);
  } catch (error) {
    const said = running.map(({ output }) => output().stdout + output().stderr);
    throw new Error(`${String(error)}\n${said.join('\n')}`);
  }
};
/** What qemu knows of the viewers that are connected. */
const channels = async () => {
  const ask = '{"execute":"qmp_capabilities"}\n{"execute":"query-spice"}\n';
  const { stdout } = await h2.host.user(['socat', '-t', '3', '-', 'UNIX:/home/user/qmp.sock'], {
    stdin: ask,
  });
  return (stdout.match(/"connection-id"/gu) ?? []).length;
};
const left = async () =>
  (
    await h1.host.user(['sh', '-c', 'ls "$XDG_RUNTIME_DIR"/hotdesk/v /run/user/*/hotdesk/v 2>/dev/null'])
  ).stdout
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith(':'));

beforeAll(async () => {
  lab = await Lab.up({ hosts: 2, seats: true });
  const [first, second] = lab.hosts.map((host) => new Desk(host));
  if (!first || !second) throw new Error('the lab has two hosts');
  [h1, h2] = [first, second];
  writeFileSync(`${h2.host.home}/ticket`, TICKET);
  serve([
    ...['qemu-system-x86_64', '-name', 'vm1', '-machine', 'q35,accel=tcg', '-m', '64', '-nodefaults'],
    ...[
      '-no-user-config',
      '-vga',
      'qxl',
      '-display',
      'none',
      '-object',
      'secret,id=t,file=/home/user/ticket',
    ],
    ...['-spice', `port=5930,addr=${h2.host.ip},password-secret=t`, '-boot', 'menu=on'],
    ...['-qmp', 'unix:/home/user/qmp.sock,server=on,wait=off'],
  ]);
  serve([
    'Xtigervnc',
    ':31',
    '-rfbport',
    '5931',
    '-SecurityTypes',
    'None',
    '-desktop',
    'far away',
    '-geometry',
    '640x480',
  ]);
  await h1.ok(['agent', 'start']);
  await h1.ok(['hosts', 'add', 'h2', '--ssh', h2.host.ip]);
  // Its seat is known from now on.
  await h2.ok(['list']);
  await Promise.all([5930, 5931].map(listens));
  serve(['freerdp-shadow-cli', '/port:5932', '-auth', '/sec:tls'], { DISPLAY: ':31' });
  await listens(5932);
});
afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await lab?.down();
});

describe('a .vv file', () => {
  const write = (lines: readonly string[]) => {
    const text = ['[virt-viewer]', 'type=spice', `host=${h2.host.ip}`, 'port=5930', ...lines, ''].join('\n');
    writeFileSync(`${h1.host.home}/console.vv`, text);
  };

  it('is opened, listed, not to be had elsewhere, and ended; its ticket is nowhere', async () => {
    write([`password=${TICKET}`, 'title=vm one', 'delete-this-file=1', 'enable-usb-autoshare=1', 'x-run=sh']);
    const { session, leftOut } = await opened(['console.vv']);
    expect(session).toMatchObject({ kind: 'console', name: 'vm one' });
    expect(leftOut.join()).toContain('enable-usb-autoshare');
    expect(leftOut.join()).toContain('x-run');
    await until('it is on the screen', async () =>
      (await windows()).some((name) => name.startsWith('vm one')),
    );
    await until('it is connected', async () => (await channels()) > 0);
    expect((await h1.host.user(['test', '-e', 'console.vv'])).code, 'the file is there still').not.toBe(0);
    expect(await consoles()).toMatchObject([{ name: 'vm one', host: 'h1', shownAt: ['h1'] }]);
    const found = await h1.host.user([
      'sh',
      '-c',
      `grep -lsa ${TICKET} /proc/[0-9]*/cmdline /proc/[0-9]*/environ; grep -rlsI ${TICKET} . /run/user /tmp`,
    ]);
    // The grep itself has it in its arguments.
    expect(found.stdout.split('\n').filter((line) => !/^\/proc\/|^$/u.test(line))).toEqual([]);
    expect(h1.host.processes().filter(({ argv }) => argv.some((word) => word.includes(TICKET)))).toEqual([]);
    expect(await refusal(['detach', 'vm one'])).toMatchObject({ code: 'not-supported' });
    expect(await refusal(['move', 'vm one', '--to', 'h2'])).toMatchObject({ code: 'not-supported' });
    expect(await channels()).toBeGreaterThan(0);
    await h1.ok(['stop', session.ref, '--yes']);
    await until('its window is gone', async () =>
      (await windows()).every((name) => !name.startsWith('vm one')),
    );
    await until('it is disconnected', async () => (await channels()) === 0);
    expect(await consoles()).toEqual([]);
    expect(await left()).toEqual([]);
  });

  it('stays where it does not say to be removed, and its session ends with its viewer', async () => {
    write([`password=${TICKET}`, 'title=vm two']);
    await opened(['console.vv']);
    await until('it is connected', async () => (await channels()) > 0);
    expect((await h1.host.user(['test', '-e', 'console.vv'])).code).toBe(0);
    const [row] = await consoles();
    expect(row?.name).toBe('vm two');
    await h1.host.user(['kill', '-KILL', row?.id ?? '']);
    await until('it is not listed', async () => (await consoles()).length === 0);
    expect(await left()).toEqual([]);
  });

  it('stays too where nothing could show it', async () => {
    write([`password=${TICKET}`, 'title=vm three', 'delete-this-file=1']);
    const show = await hide(h1.host, ['remote-viewer']);
    try {
      expect(await refusal(['open', 'console.vv'])).toMatchObject({ code: 'viewer-missing' });
    } finally {
      await show();
    }
    expect((await h1.host.user(['test', '-e', 'console.vv'])).code).toBe(0);
    expect(await consoles()).toEqual([]);
    expect(await left()).toEqual([]);
  });

  it('that is wrong is refused with a word, and opens nothing', async () => {
    write(['proxy=file:///etc/passwd']);
    expect(await refusal(['open', 'console.vv'])).toMatchObject({
      code: 'bad-argument',
      message: expect.stringContaining('proxy'),
    });
    expect(await refusal(['open', 'not-there.vv'])).toMatchObject({ code: 'bad-argument' });
    await h1.host.user(['mkfifo', 'pipe.vv']);
    expect(await refusal(['open', 'pipe.vv'])).toMatchObject({ code: 'bad-argument' });
    expect(await refusal(['open', `spice://${h2.host.ip}:5930?password=x`])).toMatchObject({
      code: 'bad-argument',
    });
    expect(await consoles()).toEqual([]);
  });
});

describe('a URL', () => {
  it('with a password is taken from standard input', async () => {
    const { session } = await opened(['-'], `spice://${h2.host.ip}:5930?password=${TICKET}\n`);
    await until('it is connected', async () => (await channels()) > 0);
    await h1.ok(['stop', session.ref, '--yes']);
    await until('it is disconnected', async () => (await channels()) === 0);
  });

  it('of VNC opens too', async () => {
    const { session } = await opened([`vnc://${h2.host.ip}:5931`]);
    await until('it is on the screen', async () =>
      (await windows()).some((name) => name.includes('far away')),
    );
    await h1.ok(['stop', session.ref, '--yes']);
    await until('its window is gone', async () =>
      (await windows()).every((name) => !name.includes('far away')),
    );
  });
});

describe('a .rdp file', () => {
  it('that has an account and no password asks for it; without one it says where it would ask', async () => {
    writeFileSync(`${h1.host.home}/ask.rdp`, `full address:s:${h2.host.ip}:5932\r\nusername:s:me\r\n`);
    const askpass = '#!/bin/sh\nprintf "%s\\n" "$1" >>"$HOME/asked"\necho s3cret-word\n';
    writeFileSync(`${h1.host.home}/askpass`, askpass, { mode: 0o755 });
    const asking = { env: { SSH_ASKPASS: '/home/user/askpass', SSH_ASKPASS_REQUIRE: 'force' } };
    const unknown = await h1.run(['open', 'ask.rdp', '--json'], asking);
    const { error } = JSON.parse(unknown.stdout) as { error: { code: string; hint?: string } };
    expect(error.code).toBe('host-key-unknown');
    const certificate = /certificate=(\S+)/u.exec(error.hint ?? '')?.[1] ?? '';
    await h1.ok(['open', 'ask.rdp', '-o', `certificate=${certificate}`], asking);
    expect((await h1.host.user(['cat', 'asked'])).stdout).toContain(`me on ${h2.host.ip}`);
    const [row] = await consoles();
    expect(h1.host.processes().some(({ argv }) => argv.some((word) => word.includes('s3cret-word')))).toBe(
      false,
    );
    expect(await left()).toEqual([]);
    await h1.ok(['stop', row?.ref ?? '', '--yes']);
    const broken = await h1.run(['open', 'ask.rdp', '--json'], { env: { SSH_ASKPASS: '/nonexistent' } });
    expect(JSON.parse(broken.stdout)).toMatchObject({ error: { code: 'auth-failed' } });
    expect(await consoles()).toEqual([]);
  });

  it('is opened when its certificate is the one that the user names, and no sooner', async () => {
    const lines = [
      `full address:s:${h2.host.ip}:5932`,
      'username:s:me',
      'password:s:x',
      'redirectdrives:i:1',
    ];
    const text = [...lines, 'alternate shell:s:calc.exe', '/drive:home,/home', ''].join('\r\n');
    writeFileSync(`${h1.host.home}/desk.rdp`, `\ufeff${text}`, 'utf16le');
    const unknown = await refusal(['open', 'desk.rdp']);
    expect(unknown).toMatchObject({ code: 'host-key-unknown' });
    const certificate = /certificate=(\S+)/u.exec(unknown.hint ?? '')?.[1] ?? '';
    const wrong = certificate.replace(/^../u, (byte) => (byte === '00' ? '01' : '00'));
    expect(await refusal(['open', 'desk.rdp', '-o', `certificate=${wrong}`])).toMatchObject({
      code: 'host-key-unknown',
    });
    const { session, leftOut } = await opened(['desk.rdp', '-o', `certificate=${certificate}`]);
    expect(leftOut.join()).toMatch(/redirectdrives.*alternate shell.*FreeRDP/u);
    await until('it is on the screen', async () => (await windows()).includes(session.name));
    expect(await consoles()).toMatchObject([{ name: h2.host.ip, shownAt: ['h1'] }]);
    // What held the password is gone while it is shown.
    expect(await left()).toEqual([]);
    await h1.ok(['stop', session.ref, '--yes']);
    await until('its window is gone', async () => !(await windows()).includes(session.name));
    expect(await consoles()).toEqual([]);
  });
});
