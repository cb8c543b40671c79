/** Hosts whose sshd forbids things, and hosts and seats where programs are missing. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { type FaultDesk, Faults } from '../rigs/lab/faults.ts';
import { until } from '../rigs/until.ts';

const XTERM = /xterm|user@h\d/u;

describe('hosts that do less than others', () => {
  let faults: Faults;
  let h1: FaultDesk;
  let h2: FaultDesk;

  beforeAll(async () => {
    faults = await Faults.up({
      hosts: 5,
      avahi: [],
      sshdConfig: {
        3: ['AllowStreamLocalForwarding no'],
        4: ['AllowStreamLocalForwarding no', 'AllowTcpForwarding no'],
        5: ['MaxSessions 1'],
      },
    });
    h1 = faults.desk(1);
    h2 = faults.desk(2);
  });
  afterAll(async () => {
    await faults?.down();
  });
  /** Ends the fault, whether the test passed or not. */
  let undo: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    onTestFailed(async () => {
      for (const desk of faults.desks) console.error(`${desk.host.name}: ${await desk.log()}`);
    });
    await faults.quiet();
  });
  afterEach(async () => {
    for (const step of undo.reverse()) await step();
    undo = [];
    await faults.stopAll();
    await faults.clean();
  });

  it.each([
    { number: 3, what: 'forbids forwards of unix sockets' },
    { number: 4, what: 'forbids every forward' },
    { number: 5, what: 'gives one session a connection' },
  ])('starts, attaches, moves and stops on a host whose sshd $what', async ({ number }) => {
    const host = faults.desk(number);
    const { name } = host.host;
    await h1.ok(['start', name, '--', 'xterm']);
    await until('h1 shows it', () => h1.shows(XTERM));
    const xterm = host.xterms();
    expect(xterm.length).toBe(1);
    await until(
      'h2 lists it as shown at h1',
      async () => (await h2.session('xterm'))?.shownAt.join() === 'h1',
    );
    await h2.ok(['move', 'xterm']);
    await until('h2 shows it', () => h2.shows(XTERM));
    await until('h1 does not', async () => !(await h1.shows(XTERM)));
    await h2.ok(['move', 'xterm', '--to', 'h1']);
    await until('h1 shows it again', () => h1.shows(XTERM));
    // And to the seat of the restricted host itself, which asks nobody's sshd.
    await h1.ok(['move', 'xterm', '--to', name]);
    await until(`${name} shows it`, () => host.shows(XTERM));
    expect(host.xterms()).toEqual(xterm);
    await h2.ok(['stop', 'xterm', '--yes']);
    await until('it has ended', () => host.xterms().length === 0);
  });

  /** Makes a program unusable on a host: no file that could be run is where it was. */
  const hide = async (desk: FaultDesk, program: string) => {
    const path = (await desk.host.root(['sh', '-c', `readlink -f "$(command -v ${program})"`])).stdout.trim();
    const hidden = await desk.host.root(['mount', '--bind', '/dev/null', path]);
    if (hidden.code !== 0) throw new Error(`${program}: ${hidden.stderr}`);
    undo.push(() => desk.host.root(['umount', path]));
  };

  it('says what is to be installed on a host without the backend', async () => {
    await hide(h2, 'xpra');
    const failure = await h1.fails(['start', 'h2', '--backend', 'xpra', '--', 'xterm']);
    expect(failure).toMatchObject({ code: 'backend-missing', exit: 8 });
    expect(failure.message).toContain('h2');
    expect(failure.hint).toContain('apt install xpra');
    await hide(h2, 'tmux');
    const tmux = await h1.fails(['start', 'h2', '--backend', 'tmux']);
    expect(tmux).toMatchObject({ code: 'backend-missing', exit: 8 });
    expect(tmux.hint).toContain('apt install tmux');
  });

  it('says that a host has nothing to run a session with', async () => {
    // One of these each backend needs.
    for (const program of ['setsid', 'xauth', 'tmux', 'waypipe']) await hide(h2, program);
    await h2.restart();
    await h1.restart();
    const failure = await h1.fails(['start', 'h2', '--', 'xterm']);
    expect(failure).toMatchObject({ code: 'backend-missing', exit: 8 });
    expect(failure.hint).toContain('`hotdesk setup h2`');
  });

  it('says that a seat has no viewer, and leaves the session where it is', async () => {
    await h1.ok(['start', 'h3', '--', 'xterm']);
    await until('h1 shows it', () => h1.shows(XTERM));
    await until('h2 lists it', async () => (await h2.session('xterm'))?.shownAt.join() === 'h1');
    await hide(h2, 'xpra');
    for (const ask of [
      () => h2.fails(['attach', 'xterm']),
      () => h2.fails(['move', 'xterm']),
      () => h1.fails(['move', 'xterm', '--to', 'h2']),
    ]) {
      const failure = await ask();
      expect(failure).toMatchObject({ code: 'viewer-missing', exit: 8 });
      expect(failure.hint).toMatch(/apt install|hotdesk doctor/u);
      expect(await h1.shows(XTERM)).toBe(true);
    }
    expect(h1.viewers().length).toBe(1);
  });

  it('says that nobody is logged in where a session is sent', async () => {
    await h1.ok(['start', 'h3', '--no-attach', '--', 'xterm']);
    await h2.ok(['agent', 'stop']);
    await h2.host.user(['hotdesk', 'agent', 'start']);
    await faults.connected();
    // connected() asked from h2's display: the agent is to know of none.
    await h2.ok(['agent', 'stop']);
    await h2.host.user(['hotdesk', 'agent', 'start']);
    await until('h1 has met it', async () =>
      (await h1.hosts()).some(({ name, state }) => name === 'h2' && state === 'agent'),
    );
    const failure = await h1.fails(['move', 'xterm', '--to', 'h2']);
    expect(failure).toMatchObject({ code: 'no-seat', exit: 3 });
    expect(failure.hint).toContain('hotdesk list');
  });
});
