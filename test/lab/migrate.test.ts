/** Virtual machines, QEMU's and libvirt's, taken from h2 to h3 while they run, commanded and watched from h1; and what must never happen to them. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FaultDesk, Faults } from '../rigs/lab/faults.ts';
import { domainXml, Libvirt } from '../rigs/lab/libvirt.ts';
import { shotFile } from '../rigs/shots.ts';
import { until } from '../rigs/until.ts';

/** No disk; its firmware's menu waits for a key for as long as nobody presses one. */
const MACHINE =
  'qemu-system-x86_64 -machine q35,accel=tcg -m 64 -nodefaults -vga qxl -boot menu=on,splash-time=60000'.split(
    ' ',
  );
/** MB/s with which a migration takes some ten seconds. */
const SLOWLY = ['--limit', '0.04'];

describe('virtual machines between three hosts', () => {
  let faults: Faults;
  let h1: FaultDesk;
  let h2: FaultDesk;
  let h3: FaultDesk;
  let libvirt2: Libvirt;
  let libvirt3: Libvirt;

  beforeAll(async () => {
    faults = await Faults.up({ hosts: 3, avahi: [] });
    [h1, h2, h3] = [faults.desk(1), faults.desk(2), faults.desk(3)];
    [libvirt2, libvirt3] = [new Libvirt(h2.host), new Libvirt(h3.host)];
    // Its daemons and their files are there from now on.
    await libvirt2.make(domainXml('first'), 'create');
    await libvirt3.make(domainXml('first'), 'create');
    await Promise.all([libvirt2.clear(), libvirt3.clear()]);
    await faults.quiet();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') {
      for (const desk of faults.desks) console.error(`${desk.host.name}: ${await desk.log()}`);
    }
    for (const { host } of faults.desks) await host.link('up');
    await faults.connected(60_000);
    await Promise.all([libvirt2.clear(), libvirt3.clear()]);
    await faults.stopAll();
    await faults.clean(45_000);
  });
  afterAll(async () => {
    await faults?.down();
  });

  const start = (name: string, more: readonly string[] = []) =>
    h1.ok([
      ...['start', 'h2', '--backend', 'spice-vm', '-o', 'grace=0', '--name', name, ...more, '--'],
      ...MACHINE,
    ]);
  /** The same by libvirt, whose machine is `virt`. */
  const startVirt = async (more: readonly string[] = []) => {
    await libvirt2.make(domainXml('virt'), 'define');
    await h1.ok(['start', 'h2', '--backend', 'spice-vm', ...more, '--', 'virt']);
  };
  const machines = ({ host }: FaultDesk) =>
    host
      .processes()
      .filter(
        ({ argv }) =>
          /qemu-system/u.test(argv[0] ?? '') && !argv.some((word) => word.startsWith('guest=virt,')),
      );
  /** What QEMU says of the one machine there, asked by its own socket. */
  const status = async (desk: FaultDesk) => {
    const { stdout } = await desk.host.user([
      'sh',
      '-c',
      `for s in /run/user/*/hotdesk-vm/*/qmp.sock; do { echo '{"execute":"qmp_capabilities"}'; echo '{"execute":"query-status"}'; sleep 0.3; } | socat - UNIX-CONNECT:$s; done 2>/dev/null`,
    ]);
    return /"status": "(\w+)"/u.exec(stdout)?.[1];
  };
  const runsOnlyAt = async (desk: FaultDesk, other: FaultDesk) => {
    await until(`it runs at ${desk.host.name}`, async () => (await status(desk)) === 'running', 60_000);
    await until(`nothing is at ${other.host.name}`, () => machines(other).length === 0, 60_000);
    expect(machines(desk)).toHaveLength(1);
  };
  const virtRunsOnlyAt = async (here: Libvirt, other: Libvirt) => {
    await until('it runs there', async () => (await here.state('virt')) === 'running', 60_000);
    await until('and is not at the other', async () => (await other.names()).length === 0, 60_000);
  };
  const picture = async (name: string) => {
    const file = shotFile(`${name}.png`);
    if (file) await h1.host.screenshot(file);
  };
  const viewers = () =>
    h1.host
      .processes()
      .filter(({ argv }) => argv[0]?.endsWith('remote-viewer'))
      .map(({ pid }) => pid);
  /** Starts a slow migration to h3 and resolves when it is half way. */
  const halfWay = async (name: string) => {
    const running = h1.host.spawn(['hotdesk', 'migrate', name, '--to', 'h3', ...SLOWLY], {
      env: { ...h1.host.seatEnv },
      timeoutMs: 170_000,
    });
    await until('it is under way', async () => /h3: \d+ %/u.test(running.output().stderr), 60_000).catch(
      () => {
        throw new Error(`it is not: ${JSON.stringify(running.output())}`);
      },
    );
    return running;
  };
  /** The same with QEMU's and libvirt's side by side. */
  const bothHalfWay = async () => {
    const running = await Promise.all(['guest', 'virt'].map(halfWay));
    expect([await status(h2), await libvirt2.state('virt'), await libvirt3.state('virt')]).toEqual([
      'running',
      'running',
      'paused',
    ]);
    return running;
  };
  const codes = async (running: Awaited<ReturnType<typeof bothHalfWay>>) =>
    (await Promise.all(running.map(({ result }) => result))).map(({ code }) => code);
  const dropped = async () => {
    await until('h3 has dropped the one', () => machines(h3).length === 0, 60_000);
    await until('and the other', async () => (await libvirt3.state('virt')) === undefined, 60_000);
  };
  const bothGoOn = async () => {
    await runsOnlyAt(h2, h3);
    await virtRunsOnlyAt(libvirt2, libvirt3);
  };

  it.each([
    ['QEMU', 'guest', () => start('guest'), (here: FaultDesk) => runsOnlyAt(here, here === h3 ? h2 : h3)],
    [
      'libvirt, by the same password',
      'virt',
      () => startVirt(),
      (here: FaultDesk) =>
        here === h3 ? virtRunsOnlyAt(libvirt3, libvirt2) : virtRunsOnlyAt(libvirt2, libvirt3),
    ],
  ] as const)('one of %s runs on at h3, and its console stays open on h1', async (_of, name, make, only) => {
    await make();
    const title = new RegExp(name, 'u');
    await until('h1 shows it', () => h1.shows(title));
    // Only this guest has been shown a key: one that was started anew would wait for it still.
    await h1.host.user(
      [
        ...['sh', '-c', 'sleep 2; xdotool search --onlyvisible --name "$1" windowfocus; xdotool key Escape'],
        ...['sh', name],
      ],
      {
        env: h1.host.seatEnv,
      },
    );
    await until('its menu', async () => (await thumbnail(name)).length > 0);
    await picture(`migrate-${name}-before`);
    const [viewer] = viewers();
    const before = await thumbnail(name);
    let gone = 0;
    let done = false;
    const watching = (async () => {
      while (!done) if (!(await h1.shows(title))) gone += 1;
    })();
    await h1.ok(['migrate', name, '--to', 'h3'], { timeoutMs: 120_000 });
    await only(h3);
    done = true;
    await watching;
    expect(gone).toBe(0);
    // The same window: it followed by itself.
    expect(viewer).toBeDefined();
    expect(viewers()).toEqual([viewer]);
    expect(await h1.session(name)).toMatchObject({ host: 'h3', backend: 'spice-vm' });
    await until('it is shown at h1', async () => (await h1.session(name))?.shownAt.join() === 'h1');
    await picture(`migrate-${name}-after`);
    await until('it is the same guest', async () => (await thumbnail(name)) === before, 20_000);
    // What is typed there goes to the guest where it is now: one that has nothing to boot says so.
    await h1.host.user(['xdotool', 'key', '1'], { env: h1.host.seatEnv });
    await until('it heeds the key', async () => (await thumbnail(name)) !== before, 20_000);
    await picture(`migrate-${name}-typed`);
    // And back, while somebody else looks.
    await h3.ok(['move', name]);
    await until('h3 shows it', () => h3.shows(title));
    await h1.ok(['migrate', name, '--to', 'h2'], { timeoutMs: 120_000 });
    await only(h2);
    await until('h3 shows it still', async () => (await h1.session(name))?.shownAt.join() === 'h3');
    expect(await h3.shows(title)).toBe(true);
  });

  const thumbnail = async (name: string) =>
    (await h1.ok(['thumbnail', name, '--output', '-'])).stdoutBytes.toString('base64');

  it('h3 loses its cable half way: it goes on at h2, and nothing is left at h3', async () => {
    await start('guest', ['--no-attach']);
    await startVirt(['--no-attach']);
    const running = await bothHalfWay();
    await h3.host.link('down');
    expect(await codes(running)).not.toContain(0);
    expect([await status(h2), await libvirt2.state('virt')]).toEqual(['running', 'running']);
    // What nobody asks for any more is dropped, though nobody can say so.
    await dropped();
    await h3.host.link('up');
    await bothGoOn();
  });

  it('h2 loses its cable half way: it goes on there, and nothing is left at h3', async () => {
    await start('guest', ['--no-attach']);
    await startVirt(['--no-attach']);
    const running = await bothHalfWay();
    await h2.host.link('down');
    await dropped();
    expect(await status(h2)).toBe('running');
    await until('libvirt says so', async () => (await libvirt2.state('virt')) === 'running', 60_000);
    await h2.host.link('up');
    expect(await codes(running)).not.toContain(0);
    await bothGoOn();
  });

  it('Ctrl-C half way: it goes on at h2, before the same viewer, and nothing is left at h3', async () => {
    await start('guest');
    await startVirt();
    await until('h1 shows it', () => h1.shows(/guest/u));
    await until('h1 shows libvirt’s', () => h1.shows(/virt/u));
    const before = viewers();
    const running = await bothHalfWay();
    // Who comes second is told, and disturbs nothing.
    for (const name of ['guest', 'virt']) {
      expect(await h3.fails(['migrate', name, '--to', 'h1'])).toMatchObject({ code: 'session-busy' });
    }
    expect(await status(h2)).toBe('running');
    expect(running.map(({ child }) => child.exitCode)).toEqual([null, null]);
    for (const each of running) each.kill('SIGINT');
    expect(await codes(running)).toEqual([130, 130]);
    await bothGoOn();
    for (const name of ['guest', 'virt']) {
      await until('h1 is listed as before', async () => (await h1.session(name))?.shownAt.join() === 'h1');
    }
    expect(before).toHaveLength(2);
    expect(viewers()).toEqual(before);
    for (const name of ['guest', 'virt']) await h1.ok(['detach', name]);
    await until('the viewers end', () => viewers().length === 0);
    expect([await status(h2), await libvirt2.state('virt')]).toEqual(['running', 'running']);
  });

  it('the agent in between is killed half way: the same, and it can go another time', async () => {
    await start('guest', ['--no-attach']);
    const running = await halfWay('guest');
    await h1.killAgent();
    expect((await running.result).code).not.toBe(0);
    await until('h3 has dropped it', () => machines(h3).length === 0, 60_000);
    await runsOnlyAt(h2, h3);
    await h1.ok(['agent', 'start']);
    await faults.connected(60_000);
    await h1.ok(['migrate', 'guest', '--to', 'h3'], { timeoutMs: 120_000 });
    await runsOnlyAt(h3, h2);
  });

  it('what cannot go is refused beforehand, with the reason', async () => {
    await start('guest', ['--no-attach']);
    const refused = (name: string, to: string) => h1.fails(['migrate', name, '--to', to]);
    expect(await refused('guest', 'h2')).toMatchObject({ code: 'bad-argument' });
    await h2.host.user([
      'sh',
      '-c',
      `${MACHINE.join(' ')} -S -display none -name byhand -spice unix=on,addr=hand.sock,disable-ticketing=on -qmp unix:hand.qmp,server=on,wait=off -daemonize`,
    ]);
    await until('it is listed', async () => {
      await h2.listed();
      return h1.session('byhand');
    });
    const byHand = await refused('byhand', 'h3');
    expect(byHand).toMatchObject({ code: 'not-supported' });
    expect(byHand.message).toContain('did not start this machine');
    await h2.host.user(['sh', '-c', 'truncate -s 1M disk.img']);
    await h1.ok([
      ...['start', 'h2', '--backend', 'spice-vm', '--name', 'disky', '--no-attach', '--', ...MACHINE, '-S'],
      ...['-drive', 'file=disk.img,format=raw,if=virtio'],
    ]);
    const disky = await refused('disky', 'h3');
    expect(disky).toMatchObject({ code: 'not-supported' });
    expect(disky.message).toContain('h3 does not have the same disks');
    expect(machines(h3)).toEqual([]);
    expect(await status(h2)).toBeDefined();
    await h2.host.user(['rm', '-f', 'disk.img', 'hand.sock', 'hand.qmp']);
  });

  it('libvirt: what is defined and starts by itself stays so, and what is halted; what came before in vain makes room', async () => {
    await libvirt2.make(domainXml('virt'), 'create', '--paused');
    const listed = () =>
      until('it is listed', async () => {
        await h2.listed();
        return h1.session('virt');
      });
    await listed();
    await h1.ok(['migrate', 'virt', '--to', 'h3'], { timeoutMs: 120_000 });
    expect(await libvirt3.state('virt')).toBe('paused');
    expect(await libvirt3.ok('dominfo', 'virt')).toMatch(/Persistent: +no/u);
    expect(await libvirt2.names()).toEqual([]);
    await libvirt3.clear();

    await startVirt(['--no-attach']);
    await libvirt2.ok('autostart', 'virt');
    // What stays of one whose end the source did not hear of, and which went on there.
    const uuid = (await libvirt2.ok('domuuid', 'virt')).trim();
    await libvirt3.make(await libvirt2.ok('dumpxml', '--migratable', 'virt'), 'define');
    await libvirt3.ok('start', '--paused', 'virt');
    const place = `/run/user/4200/hotdesk-vm/in-${uuid}`;
    await h3.host.user(['sh', '-c', 'mkdir -p "$1"; echo 0123456789abcdef >"$1/id"', 'sh', place]);
    // It may be listed at both.
    await h1.ok(['migrate', `spice-vm:u${uuid.slice(0, 8)}@h2`, '--to', 'h3'], { timeoutMs: 120_000 });
    await virtRunsOnlyAt(libvirt3, libvirt2);
    expect(await libvirt3.ok('dominfo', 'virt')).toMatch(/Persistent: +yes\n(?:.*\n)*Autostart: +enable/u);
  });

  it('libvirt: where nobody knows its end it stands still in one place, and the same command settles it', async () => {
    // As long as ~/gate is there, nothing that is halted goes on at h3.
    const gate = `#!/bin/sh
case " $* " in *" resume "*) [ ! -e ~/gate ] || { : >~/gate.reached; exit 1; } ;; esac
exec /run/virsh "$@"
`;
    const mount =
      'cat >/run/gate; chmod 755 /run/gate; cp /usr/bin/virsh /run/virsh; mount --bind /run/gate /usr/bin/virsh';
    expect((await h3.host.root(['sh', '-c', mount], { stdin: gate })).code).toBe(0);
    try {
      await startVirt(['--no-attach']);
      await h3.host.user(['sh', '-c', ': >gate']);
      const running = h1.host.spawn(['hotdesk', 'migrate', 'virt', '--to', 'h3'], { timeoutMs: 170_000 });
      const reached = async () => (await h3.host.user(['test', '-e', 'gate.reached'])).code === 0;
      await until('it is to go on there', reached, 60_000);
      await h1.killAgent();
      expect((await running.result).code).not.toBe(0);
      await h3.host.user(['rm', '-f', 'gate', 'gate.reached']);
      await h1.ok(['agent', 'start']);
      await faults.connected(60_000);
      expect([await libvirt2.state('virt'), await libvirt3.state('virt')]).toEqual([undefined, 'paused']);
      const row = await until('h2 lists what has left it', async () => {
        await h2.listed();
        return h1.session('virt');
      });
      expect(row).toMatchObject({ host: 'h2', state: 'dead' });
      await h1.ok(['migrate', row.ref, '--to', 'h3'], { timeoutMs: 120_000 });
      await virtRunsOnlyAt(libvirt3, libvirt2);
      expect(await h1.session('virt')).toMatchObject({ host: 'h3', state: 'live' });
    } finally {
      await h3.host.user(['rm', '-f', 'gate', 'gate.reached']);
      await h3.host.root(['sh', '-c', 'umount /usr/bin/virsh; rm -f /run/gate /run/virsh']);
    }
  });

  it('libvirt: what cannot go is refused beforehand, with the reason', async () => {
    const refused = (name: string) => h1.fails(['migrate', name, '--to', 'h3']);
    await startVirt(['--no-attach']);
    await libvirt3.make(domainXml('virt'), 'define');
    expect(await refused('virt')).toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('another machine by the name of “virt”'),
    });
    await libvirt3.clear();
    // A program that nobody may run is not there.
    await h3.host.root(['mount', '--bind', '/dev/null', '/usr/bin/virsh']);
    try {
      expect(await refused('virt')).toMatchObject({
        code: 'backend-missing',
        message: expect.stringContaining('virsh is not installed on h3'),
      });
    } finally {
      await h3.host.root(['umount', '/usr/bin/virsh']);
    }
    await h2.host.user(['truncate', '-s', '1M', 'disk.img', 'disc.img']);
    const disk = (device: string, file: string, to: string) =>
      `<disk type='file' device='${device}'><source file='/home/user/${file}'/>${to}</disk>`;
    const made = {
      disky: disk('disk', 'disk.img', "<target dev='vda' bus='virtio'/>"),
      discy: disk('cdrom', 'disc.img', "<target dev='sda' bus='sata'/>"),
    };
    for (const [name, devices] of Object.entries(made)) {
      await libvirt2.make(domainXml(name, devices), 'create', '--paused');
      await until('it is listed', async () => {
        await h2.listed();
        return h1.session(name);
      });
    }
    expect(await refused('disky')).toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('h3 does not have the same disks'),
    });
    // What libvirt itself knows better, in its words.
    expect(await refused('discy')).toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining("'/home/user/disc.img': No such file"),
    });
    expect(await libvirt2.state('virt')).toBe('running');
    expect(await libvirt3.names()).toEqual([]);
    await h2.host.user(['rm', '-f', 'disk.img', 'disc.img']);
  });

  it('a terminal cannot go, and is started there anew beside the one before', async () => {
    const words = ['sh', '-c', 'sleep "$1"; : "$HOME"', "it's", '987'];
    await h1.ok(['start', 'h2', '--backend', 'tmux', '--name', 'sleeper', '--no-attach', '--', ...words]);
    const refused = await h1.fails(['migrate', 'sleeper', '--to', 'h3']);
    expect(refused).toMatchObject({ code: 'not-supported' });
    expect(refused.hint).toContain('--relaunch');
    await h1.ok(['migrate', 'sleeper', '--to', 'h3', '--relaunch']);
    const both = (await h1.listed()).filter(({ name }) => name === 'sleeper');
    expect(both.map(({ host }) => host).sort()).toEqual(['h2', 'h3']);
    for (const { host } of [h2, h3]) {
      const started = host.processes().filter(({ argv }) => argv.join('\0') === words.join('\0'));
      expect(started.length, JSON.stringify(host.processes().map(({ argv }) => argv))).toBe(1);
    }
  });
});
