/** What goes wrong with a console that somebody handed out: one clear error with its cure, nothing left, others untouched. */
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { kill } from '../contract/rig.ts';
import { type Failure, type FaultDesk, Faults } from '../rigs/lab/faults.ts';
import type { Running } from '../rigs/lab/run.ts';
import { until } from '../rigs/until.ts';
import { fill, hide } from './backend-faults.ts';

const PATIENCE_MS = 30_000;
const TICKET = 'tick-5e1f9c';

interface Kind {
  readonly file: string;
  readonly viewers: readonly string[];
  readonly port: number;
  /** Of whom nothing else runs. */
  readonly program: string;
  readonly server: (at: string) => readonly string[];
}

const KINDS: readonly Kind[] = [
  {
    ...{ file: 'one.vv', viewers: ['remote-viewer'], port: 5930, program: 'qemu-system-x86_64' },
    server: (at) => [
      ...'qemu-system-x86_64 -machine q35,accel=tcg -m 64 -nodefaults -no-user-config -vga qxl'.split(' '),
      ...['-display', 'none', '-object', 'secret,id=t,file=/home/user/ticket', '-boot', 'menu=on'],
      ...['-spice', `port=5930,addr=${at},password-secret=t`],
    ],
  },
  {
    ...{ file: 'one.rdp', viewers: ['xfreerdp', 'xfreerdp3'], port: 5932, program: 'freerdp-shadow-cli' },
    server: () => ['freerdp-shadow-cli', '/port:5932', '-auth', '/sec:tls'],
  },
];

describe('a console that goes wrong', () => {
  let faults: Faults;
  let h1: FaultDesk;
  let h2: FaultDesk;
  let certificate: string;
  let others: readonly string[];
  const running: Running[] = [];
  const undo: (() => Promise<void>)[] = [];

  const serve = async (port: number, argv: readonly string[]) => {
    const server = h2.host.spawn(argv, { env: { DISPLAY: ':31' }, timeoutMs: 900_000, stdin: '' });
    running.push(server);
    const listens = async () => (await h2.host.user(['ss', '-tln'])).stdout.includes(`:${port} `);
    await until(`port ${port}`, listens, PATIENCE_MS).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(server.output())}`);
    });
  };
  const write = (name: string, lines: readonly string[]) => {
    writeFileSync(`${h1.host.home}/${name}`, `${lines.join('\n')}\n`);
  };
  const vv = (name: string, port: number, ...lines: string[]) =>
    write(name, ['[virt-viewer]', `host=${h2.host.ip}`, `port=${port}`, ...lines]);
  const open = (what: string) => ['open', what, '-o', `certificate=${certificate}`];
  const consoles = async () => (await h1.listed()).filter(({ backend }) => backend === 'console');
  const refs = async () => (await consoles()).map(({ ref }) => ref);
  const isClear = (failure: Failure, code: string, hint: RegExp) => {
    expect(failure).toMatchObject({ code, hint: expect.stringMatching(hint) });
    expect(failure.message).toMatch(/^\S.*[.!?]$/u);
    expect(failure.message.length).toBeLessThan(1000);
  };
  const logsIfItFails = () =>
    onTestFailed(async () => {
      console.error(await h1.log());
      for (const server of running) console.error(JSON.stringify(server.output()));
    });

  beforeAll(async () => {
    faults = await Faults.up({ hosts: 2, avahi: [] });
    [h1, h2] = [faults.desk(1), faults.desk(2)];
    const passwd = 'printf %s "$1" >ticket; printf "secret12\\n" | tigervncpasswd -f >passwd';
    await h2.host.user(['sh', '-c', passwd, 'sh', TICKET]);
    const vnc = (display: string, port: number, ...more: string[]) =>
      serve(port, ['Xtigervnc', display, '-rfbport', `${port}`, '-geometry', '640x480', ...more]);
    await vnc(':31', 5931, '-SecurityTypes', 'None', '-desktop', 'far away');
    await vnc(':32', 5933, '-SecurityTypes', 'VncAuth', '-PasswordFile', '/home/user/passwd');
    for (const { port, server } of KINDS) await serve(port, server(h2.host.ip));
    vv('one.vv', 5930, 'type=spice', `password=${TICKET}`, 'title=one');
    write('one.rdp', [`full address:s:${h2.host.ip}:5932`, 'username:s:me', 'password:s:x']);
    const { hint = '' } = await h1.fails(['open', 'one.rdp']);
    certificate = /certificate=(\S+)/u.exec(hint)?.[1] ?? '';
    await h1.ok(['open', `vnc://${h2.host.ip}:5931`]);
    await until('it is shown', () => h1.shows(/far away/u), PATIENCE_MS);
    others = await refs();
    expect(others).toHaveLength(1);
    await faults.quiet();
  });
  afterEach(async () => {
    for (const each of undo.splice(0).reverse()) await each();
    await until('the others alone are listed', async () => (await refs()).join() === others.join());
    await faults.clean(PATIENCE_MS);
    expect(await h1.shows(/far away/u)).toBe(true);
  });
  afterAll(async () => {
    for (const { child } of running) child.kill('SIGKILL');
    await faults?.down();
  });

  describe.each(KINDS)('$file', ({ file, viewers, port, program, server }) => {
    const opened = async () => {
      await h1.ok(open(file));
      const found = (await consoles()).find(({ ref }) => !others.includes(ref));
      if (!found) throw new Error(`${file} is not listed`);
      return found;
    };
    const isThere = async () => (await h1.host.user(['test', '-e', file])).code === 0;

    it('has no viewer, or no room, here', async () => {
      logsIfItFails();
      undo.push(await hide(h1.host, viewers));
      isClear(await h1.fails(open(file)), 'viewer-missing', /doctor/u);
      undo.push(await fill(h1.host));
      await undo.shift()?.();
      const full = await h1.fails(open(file));
      isClear(full, 'viewer-failed', /df -h/u);
      expect(full.message).toMatch(/could not be written: .*(?:no space|ENOSPC)/iu);
      expect(await isThere()).toBe(true);
    });

    it('its viewer is killed; then its server is, and is no more', async () => {
      logsIfItFails();
      const first = await opened();
      const { outerPid = 0 } = h1.host.processes().find(({ pid }) => String(pid) === first.id) ?? {};
      kill(outerPid);
      await until('it is not listed', async () => (await refs()).join() === others.join());
      const { ref } = await opened();
      const servers = h2.host.processes().filter(({ argv }) => argv[0] === program);
      expect(servers).toHaveLength(1);
      for (const one of servers) kill(one.outerPid);
      await until('its viewer has ended', async () => !(await refs()).includes(ref), PATIENCE_MS);
      const gone = await h1.fails(open(file));
      isClear(gone, 'host-unreachable', /is there and runs/u);
      expect(gone.message).toContain(h2.host.ip);
      await faults.clean(PATIENCE_MS);
      await serve(port, server(h2.host.ip));
      await faults.quiet();
    });
  });

  it.each([
    ['spice', 5930],
    ['vnc', 5933],
  ])('a wrong password by %s is said at once, and nobody is asked for another', async (type, port) => {
    logsIfItFails();
    vv('wrong.vv', port, `type=${type}`, 'password=wrong', 'title=guarded');
    const failure = await h1.fails(['open', 'wrong.vv']);
    isClear(failure, 'auth-failed', /new one/u);
    expect(failure.message).toContain('guarded');
    expect((await h1.host.windows()).filter(({ name }) => /authentication|password/iu.test(name))).toEqual(
      [],
    );
    // Where none is given its window asks for it.
    vv('asks.vv', port, `type=${type}`, 'title=guarded');
    await h1.ok(['open', 'asks.vv']);
    await until('it asks', () => h1.shows(/authentication|password/iu), PATIENCE_MS);
    const ref = (await refs()).find((each) => !others.includes(each)) ?? '';
    await h1.ok(['stop', ref, '--yes']);
  });

  it('of two at once each is its own', async () => {
    logsIfItFails();
    await Promise.all(KINDS.map(({ file }) => h1.ok(open(file))));
    const both = (await refs()).filter((ref) => !others.includes(ref));
    expect(both).toHaveLength(2);
    for (const ref of both) await h1.ok(['stop', ref, '--yes']);
  });

  it('nobody knows its host', async () => {
    logsIfItFails();
    write('far.vv', ['[virt-viewer]', 'type=spice', 'host=nowhere.invalid', 'port=5930', 'title=far']);
    write('far.rdp', ['full address:s:nowhere.invalid', 'username:s:me', 'password:s:x']);
    for (const file of ['far.vv', 'far.rdp']) {
      const failure = await h1.fails(['open', file]);
      isClear(failure, 'host-unreachable', /is there and runs/u);
      expect(failure.message).toContain('nowhere.invalid');
    }
  });
});
