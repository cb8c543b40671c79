/** What goes wrong with each backend: one clear error with its cure, nothing left, other sessions untouched. */
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { kill } from '../contract/rig.ts';
import { type Failure, type FaultDesk, Faults, failureOf } from '../rigs/lab/faults.ts';
import { until } from '../rigs/until.ts';
import { ASKING, answers, serveXrdp } from '../rigs/xrdp/lab.ts';
import { XRDP_PASSWORD } from '../rigs/xrdp/password.ts';
import { fill, hide, isServer, ROWS, replace, SHADOWS, XTERM } from './backend-faults.ts';

/** The tests may share the machine with others. */
const PATIENCE_MS = 30_000;

describe('a backend that goes wrong', () => {
  let faults: Faults;
  let h1: FaultDesk;
  let h2: FaultDesk;
  /** Sessions that are none of the tests' business, with the processes in them. */
  let others: Readonly<Record<string, readonly number[]>>;
  let agents: readonly number[];
  const undo: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    faults = await Faults.up({ hosts: 2, avahi: [] });
    h1 = faults.desk(1);
    h2 = faults.desk(2);
    // Made by systemd-tmpfiles or an init script elsewhere.
    await h2.host.root(['install', '-d', '-m', '1777', '/run/screen']);
    await serveXrdp(h2.host);
    for (const { host } of faults.desks) await answers(host, XRDP_PASSWORD);
    // Somebody is logged in on h2's display.
    h2.host.spawn(['xterm', '-T', 'at the desk'], { env: h2.host.seatEnv, timeoutMs: 1_800_000 });
    await until('somebody sits at h2', () => h2.shows(/at the desk/u), PATIENCE_MS);
    await h1.ok(['start', 'h2', '-b', 'dtach', '-n', 'other-dtach', '--no-attach', '--', 'sleep', '777777']);
    await h1.ok([
      'start',
      'h2',
      '-b',
      'vnc',
      '-n',
      'other-vnc',
      '--no-attach',
      '--',
      'xterm',
      '-e',
      'sleep',
      '777778',
    ]);
    others = theirs();
    agents = await Promise.all(faults.desks.map((desk) => desk.agent()));
    await faults.quiet();
  });
  afterEach(async () => {
    for (const each of undo.splice(0).reverse()) await each();
    for (const { name, ref } of await h1.listed()) {
      if (!name.startsWith('other-')) await h1.run(['stop', ref, '--yes']);
    }
    await faults.clean(PATIENCE_MS);
    expect(theirs()).toEqual(others);
    const left = (await h1.listed()).map(({ name, state }) => `${name} ${state}`);
    expect(left.sort()).toEqual(['other-dtach live', 'other-vnc live']);
    expect(await Promise.all(faults.desks.map((desk) => desk.agent()))).toEqual(agents);
  });
  afterAll(async () => {
    await faults?.down();
  });

  const theirs = () =>
    Object.fromEntries(
      ['777777', '777778'].map((mark) => {
        const own = h2.host.processes().filter(({ argv }) => argv.includes(mark));
        return [mark, own.map(({ pid }) => pid)];
      }),
    );
  const logsIfItFails = () =>
    onTestFailed(async () => {
      for (const desk of faults.desks) console.error(`${desk.host.name}: ${await desk.log()}`);
    });
  const isClear = (failure: Failure, code: string, hint: RegExp) => {
    expect(failure).toMatchObject({ code, hint: expect.stringMatching(hint) });
    expect(failure.message).toMatch(/^\S.*[.!?]$/u);
    expect(failure.message.length).toBeLessThan(1000);
  };

  describe.each(ROWS)('$backend', (row) => {
    const start = ['start', 'h2', '-b', row.backend, '-n', 'it'];

    it('is not installed', async () => {
      logsIfItFails();
      undo.push(await hide(h2.host, row.programs));
      isClear(await h1.fails([...start, ...row.start], ASKING), 'backend-missing', /install/u);
    });

    it('has no room', async () => {
      logsIfItFails();
      const free = await fill(h2.host);
      undo.push(free);
      if (!row.needsRoom) {
        await h1.ok([...start, '--no-attach', ...row.start], ASKING);
        await h1.ok(['stop', 'it', '--yes']);
        return;
      }
      const failure = await h1.fails([...start, ...row.start], ASKING);
      isClear(failure, 'start-failed', /df -h/u);
      expect(failure.message).toMatch(/has no room left in \/\S+ and \/tmp: /u);
      expect((await h1.listed()).map(({ name }) => name)).not.toContain('it');
    });

    it('has no viewer here; then its server is killed while it is shown', async () => {
      logsIfItFails();
      const before = new Set(h2.host.processes().map(({ pid }) => pid));
      await h1.ok([...start, '--no-attach', ...row.start], ASKING);
      const { ref = '' } = (await h1.session('it')) ?? {};
      const stateAt = async (desk: FaultDesk) =>
        (await desk.listed()).find((one) => one.ref === ref)?.state ?? 'gone';
      const show = await hide(h1.host, row.viewers);
      undo.push(show);
      isClear(await h1.fails(['attach', 'it'], ASKING), 'viewer-missing', /doctor/u);
      expect(await h1.session('it')).toMatchObject({ state: 'live', shownAt: [] });
      await show();
      undo.pop();

      await h1.ok(['attach', 'it'], ASKING);
      await until('it is shown', async () => (await h1.session('it'))?.shownAt.join() === 'h1', PATIENCE_MS);
      const servers = h2.host.processes().filter((each) => !before.has(each.pid) && isServer(row, each));
      expect(servers.length).toBeGreaterThan(0);
      // The end of one may be the end of another.
      for (const { outerPid } of servers) kill(outerPid);
      await until(`it is ${row.killed}`, async () => (await stateAt(h2)) === row.killed, PATIENCE_MS);
      await until('h1 knows', async () => (await stateAt(h1)) === row.killed, PATIENCE_MS);
      const gone = await h1.fails(['attach', ref], ASKING);
      isClear(gone, row.killed === 'dead' ? 'session-gone' : 'unknown-session', /hotdesk list/u);
      if (row.killed === 'dead') await h1.ok(['stop', ref, '--yes']);
      await faults.clean(PATIENCE_MS);
      await h1.ok([...start, '--no-attach', ...row.start], ASKING);
      await h1.ok(['stop', 'it', '--yes']);
    });
  });

  it.each(SHADOWS)(
    '%s: of two that share a display at once one does, and the other is told where',
    async (backend) => {
      logsIfItFails();
      const both = await Promise.all(
        ['one', 'two'].map((name) =>
          h1.run(['start', 'h2', '-b', backend, '-n', name, '--no-attach', '--json']),
        ),
      );
      const failed = both.filter(({ code }) => code !== 0);
      expect(failed.map(({ stdout }) => stdout)).toHaveLength(1);
      const failure = failureOf(failed[0]?.code, failed[0]?.stdout ?? '');
      isClear(failure, 'session-busy', /hotdesk list/u);
      const [session] = (await h1.listed()).filter((one) => one.backend === backend);
      expect(failure.message).toContain(session?.ref.replace(/@.*/u, ''));
    },
  );

  it('a wrong password is said, and the session goes on', async () => {
    logsIfItFails();
    // x11vnc has its password from elsewhere; what is in the user's usual file is another one.
    const server = `umask 077; mkdir -p own .vnc; cat >own/plain; echo wrong123 | tigervncpasswd -f >.vnc/passwd
      setsid x11vnc -display :0 -auth ~/.Xauthority -unixsock ~/own/sock -rfbport 0 -no6 -noipv6 -forever \\
        -passwdfile ~/own/plain -norc -nocmds -noxdamage -quiet -desktop guarded </dev/null >/dev/null 2>&1 &`;
    await h2.host.user(['sh', '-c', server], { stdin: 'secret12\n' });
    undo.push(async () => {
      await h2.host.user(['rm', '-rf', 'own', '.vnc']);
    });
    await until('it is listed', async () => (await h2.session('guarded'))?.state === 'live', PATIENCE_MS);
    await until('h1 lists it', async () => (await h1.session('guarded')) !== undefined, PATIENCE_MS);
    const failure = await h1.fails(['attach', 'guarded']);
    isClear(failure, 'viewer-failed', /hotdesk/u);
    expect(failure.message).toMatch(/authentication/iu);
    expect((await h1.host.leftovers()).files.filter((file) => /\/v\//u.test(file))).toEqual([]);
    await h2.host.user(['sh', '-c', 'tigervncpasswd -f <own/plain >.vnc/passwd']);
    await h1.ok(['attach', 'guarded']);
    await until('h1 shows it', () => h1.shows(/guarded/u), PATIENCE_MS);
  });

  it('Xspice that is not there, or crashes as it does on some systems, is told before anything starts', async () => {
    logsIfItFails();
    const ask = ['start', 'h2', '-b', 'xspice', '-n', 'it', '--no-attach', '--json', ...XTERM];
    const trial = await h1.run(ask);
    if (trial.code === 0) await h1.ok(['stop', 'it', '--yes']);
    else isClear(failureOf(trial.code, trial.stdout), 'backend-missing', /another backend/u);
    undo.push(await hide(h2.host, ['Xspice']));
    isClear(await h1.fails(ask), 'backend-missing', /install/u);
  });

  it('hangs: the others are listed as ever, and what it listed last is marked stale', async () => {
    logsIfItFails();
    await h1.ok(['start', 'h2', '-b', 'screen', '-n', 'wedged', '--no-attach', '--', 'sleep', '900']);
    const row = async (name: string) =>
      (await h2.json<{ sessions: { name: string; stale?: boolean }[] }>(['list'])).sessions.find(
        (one) => one.name === name,
      );
    await until('it is listed', async () => (await row('wedged')) !== undefined);
    const heal = await replace(h2.host, 'screen', '[ "$1" = -ls ] && exec sleep 300; exec "$REAL" "$@"');
    undo.push(heal);
    await until('it is stale', async () => (await row('wedged'))?.stale === true, PATIENCE_MS);
    // Beside it nothing is late: its own patience is over, and the next look does not wait for it again.
    await h2.ok(['start', 'h2', '-b', 'dtach', '-n', 'quick', '--no-attach', '--', 'sleep', '900']);
    const began = performance.now();
    expect(await row('quick')).toMatchObject({ name: 'quick' });
    expect((await row('quick'))?.stale ?? false).toBe(false);
    expect(performance.now() - began).toBeLessThan(10_000);
    await h2.ok(['stop', 'quick', '--yes']);
    await heal();
    undo.pop();
    await until('it answers again', async () => (await row('wedged'))?.stale !== true, 40_000);
  });
});
