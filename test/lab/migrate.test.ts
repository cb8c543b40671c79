/** Virtual machines taken from h2 to h3 while they run, commanded and watched from h1; and what must never happen to them. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FaultDesk, Faults } from '../rigs/lab/faults.ts';
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

  beforeAll(async () => {
    faults = await Faults.up({ hosts: 3, avahi: [] });
    [h1, h2, h3] = [faults.desk(1), faults.desk(2), faults.desk(3)];
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') {
      for (const desk of faults.desks) console.error(`${desk.host.name}: ${await desk.log()}`);
    }
    for (const { host } of faults.desks) await host.link('up');
    await faults.connected(60_000);
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
  const machines = ({ host }: FaultDesk) =>
    host.processes().filter(({ argv }) => /qemu-system/u.test(argv[0] ?? ''));
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
  const picture = async (name: string) => {
    const folder = process.env.HOTDESK_TEST_SHOTS;
    if (folder) await h1.host.screenshot(join(folder, `${name}.png`));
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
    expect(await status(h2)).toBe('running');
    return running;
  };

  it('runs on at h3, and its console stays open on h1', async () => {
    await start('guest');
    await until('h1 shows it', () => h1.shows(/guest/u));
    // Only this guest has been shown a key: one that was started anew would wait for it still.
    await h1.host.user(
      ['sh', '-c', 'sleep 2; xdotool search --onlyvisible --name guest windowfocus; xdotool key Escape'],
      {
        env: h1.host.seatEnv,
      },
    );
    await until('its menu', async () => (await thumbnail('guest')).length > 0);
    await picture('migrate-before');
    const [viewer] = viewers();
    const before = await thumbnail('guest');
    let gone = 0;
    let done = false;
    const watching = (async () => {
      while (!done) if (!(await h1.shows(/guest/u))) gone += 1;
    })();
    await h1.ok(['migrate', 'guest', '--to', 'h3'], { timeoutMs: 120_000 });
    await runsOnlyAt(h3, h2);
    done = true;
    await watching;
    expect(gone).toBe(0);
    // The same window: it followed by itself.
    expect(viewer).toBeDefined();
    expect(viewers()).toEqual([viewer]);
    expect(await h1.session('guest')).toMatchObject({ host: 'h3', backend: 'spice-vm' });
    await until('it is shown at h1', async () => (await h1.session('guest'))?.shownAt.join() === 'h1');
    await picture('migrate-after');
    await until('it is the same guest', async () => (await thumbnail('guest')) === before, 20_000);
    // What is typed there goes to the guest where it is now: one that has nothing to boot says so.
    await h1.host.user(['xdotool', 'key', '1'], { env: h1.host.seatEnv });
    await until('it heeds the key', async () => (await thumbnail('guest')) !== before, 20_000);
    await picture('migrate-typed');
    // And back, while somebody else looks.
    await h3.ok(['move', 'guest']);
    await until('h3 shows it', () => h3.shows(/guest/u));
    await h1.ok(['migrate', 'guest', '--to', 'h2'], { timeoutMs: 120_000 });
    await runsOnlyAt(h2, h3);
    await until('h3 shows it still', async () => (await h1.session('guest'))?.shownAt.join() === 'h3');
    expect(await h3.shows(/guest/u)).toBe(true);
  });

  const thumbnail = async (name: string) =>
    (await h1.ok(['thumbnail', name, '--output', '-'])).stdoutBytes.toString('base64');

  it('h3 loses its cable half way: it goes on at h2, and nothing is left at h3', async () => {
    await start('guest', ['--no-attach']);
    const running = await halfWay('guest');
    await h3.host.link('down');
    expect((await running.result).code).not.toBe(0);
    expect(await status(h2)).toBe('running');
    // What nobody asks for any more is dropped, though nobody can say so.
    await until('h3 has dropped it', () => machines(h3).length === 0, 60_000);
    await h3.host.link('up');
    await runsOnlyAt(h2, h3);
  });

  it('h2 loses its cable half way: it goes on there, and nothing is left at h3', async () => {
    await start('guest', ['--no-attach']);
    const running = await halfWay('guest');
    await h2.host.link('down');
    await until('h3 has dropped it', () => machines(h3).length === 0, 60_000);
    expect(await status(h2)).toBe('running');
    await h2.host.link('up');
    expect((await running.result).code).not.toBe(0);
    await runsOnlyAt(h2, h3);
  });

  it('Ctrl-C half way: it goes on at h2, before the same viewer, and nothing is left at h3', async () => {
    await start('guest');
    await until('h1 shows it', () => h1.shows(/guest/u));
    const [viewer] = viewers();
    const running = await halfWay('guest');
    // Who comes second is told, and disturbs nothing.
    expect(await h3.fails(['migrate', 'guest', '--to', 'h1'])).toMatchObject({ code: 'session-busy' });
    expect(await status(h2)).toBe('running');
    expect(running.child.exitCode).toBeNull();
    running.kill('SIGINT');
    expect((await running.result).code).toBe(130);
    await runsOnlyAt(h2, h3);
    await until('h1 is listed as before', async () => (await h1.session('guest'))?.shownAt.join() === 'h1');
    expect(viewer).toBeDefined();
    expect(viewers()).toEqual([viewer]);
    await h1.ok(['detach', 'guest']);
    await until('the viewer ends', () => viewers().length === 0);
    expect(await status(h2)).toBe('running');
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
