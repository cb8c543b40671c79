/** What goes wrong while a session is carried: it is never lost, and never left without a way back. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { type FaultDesk, Faults, failureOf, Gate } from '../rigs/lab/faults.ts';
import { until } from '../rigs/until.ts';

const XTERM = /xterm|user@h2/u;

describe('a handover that goes wrong', () => {
  let faults: Faults;
  let h1: FaultDesk;
  let h2: FaultDesk;
  let h3: FaultDesk;
  let gate: Gate;
  /** The application that every test carries. */
  let xterm: number | undefined;

  beforeAll(async () => {
    faults = await Faults.up({ hosts: 3, avahi: [] });
    h1 = faults.desk(1);
    h2 = faults.desk(2);
    h3 = faults.desk(3);
    gate = await Gate.at(h3);
    await faults.connected();
  });
  afterAll(async () => {
    await faults?.down();
  });

  beforeEach(async () => {
    onTestFailed(async () => {
      for (const desk of faults.desks) console.error(`${desk.host.name}: ${await desk.log()}`);
    });
    await faults.quiet();
    await h1.ok(['start', 'h2', '--', 'xterm']);
    await until('h1 shows it', () => h1.shows(XTERM));
    xterm = h2.xterms()[0];
    expect(xterm).toBeGreaterThan(0);
    await until(
      'h3 knows where it is shown',
      async () => (await h3.session('xterm'))?.shownAt.join() === 'h1',
    );
  });
  afterEach(async () => {
    await gate.open();
    await faults.connected();
    expect(h2.xterms()).toEqual([xterm]);
    await h2.ok(['stop', 'xterm', '--yes']);
    await faults.clean();
  });

  /** What is seen of it: where its windows are, whose viewers run, and what each host lists. */
  const seen = async () => {
    const each = faults.desks.map(async (desk) => ({
      window: (await desk.shows(XTERM)) ? [desk.host.name] : [],
      viewers: desk.viewers().map(() => desk.host.name),
      listed: (await desk.session('xterm'))?.shownAt.join(),
    }));
    const all = await Promise.all(each);
    return {
      windows: all.flatMap(({ window }) => window),
      viewers: all.flatMap(({ viewers }) => viewers),
      listed: all.map(({ listed }) => listed),
    };
  };

  /** Exactly this one has a viewer, shows the session, and everybody says so. */
  const shownOnlyAt = async ({ host: { name } }: FaultDesk) => {
    const wanted = { windows: [name], viewers: [name], listed: [name, name, name] };
    let last: unknown;
    await until(
      `only ${name} shows it`,
      async () => {
        last = await seen();
        return JSON.stringify(last) === JSON.stringify(wanted);
      },
      20_000,
    ).catch(() => expect(last).toEqual(wanted));
  };

  it('gives the session back when the new viewer connects and crashes', async () => {
    await gate.shut('crash');
    const failure = await h3.fails(['move', 'xterm']);
    expect(failure).toMatchObject({ code: 'viewer-failed', exit: 6 });
    await shownOnlyAt(h1);
  });

  it('leaves it where it is when the new seat lets no viewer in', async () => {
    const failure = await h3.fails(['move', 'xterm'], { env: { XAUTHORITY: '/dev/null' } });
    expect(failure.code).toBe('viewer-failed');
    expect(failure.message).toMatch(/display/iu);
    await shownOnlyAt(h1);
  });

  it('says where there is no seat, and moves nothing', async () => {
    const failure = await h3.fails(['move', 'xterm'], { env: { DISPLAY: '' } });
    expect(failure).toMatchObject({ code: 'no-seat', exit: 3 });
    expect(failure.hint).toBeTruthy();
    await shownOnlyAt(h1);
  });

  it('gives it back on Ctrl-C', async () => {
    await gate.shut('hold');
    const move = h3.host.spawn(['hotdesk', 'move', 'xterm', '--json'], { env: h3.host.seatEnv });
    await gate.reached();
    await until('h1 has lost it', async () => !(await h1.shows(XTERM)));
    move.kill('SIGINT');
    const { code, stdout } = await move.result;
    expect(failureOf(code, stdout)).toMatchObject({ code: 'cancelled', exit: 130 });
    await shownOnlyAt(h1);
  });

  it('gives it back when the command that moves it is killed', async () => {
    await gate.shut('hold');
    const move = h3.host.spawn(['hotdesk', 'move', 'xterm'], { env: h3.host.seatEnv });
    await gate.reached();
    move.kill('SIGKILL');
    await move.result;
    await shownOnlyAt(h1);
  });

  it("gives it back when the mover's agent is killed", async () => {
    await gate.shut('hold');
    const move = h3.host.spawn(['hotdesk', 'move', 'xterm', '--json'], { env: h3.host.seatEnv });
    await gate.reached();
    await h3.killAgent();
    const { code, stdout } = await move.result;
    expect(failureOf(code, stdout)).toMatchObject({ code: 'connection-lost', exit: 4 });
    await gate.open();
    await gate.startAgent();
    await shownOnlyAt(h1);
  });

  it("is not held up by the host's agent that is stopped, nor undone when that goes on", async () => {
    const goOn = await h2.stopAgent();
    try {
      await h3.ok(['move', 'xterm'], { timeoutMs: 30_000 });
      await until('h3 shows it', () => h3.shows(XTERM));
    } finally {
      goOn();
    }
    await shownOnlyAt(h3);
    // Nobody takes it back: what was claimed of the agent that slept has no end of its own.
    await h1.ok(['move', 'xterm']);
    await shownOnlyAt(h1);
  });

  it('to a host whose agent is stopped says so, and changes nothing when that goes on', async () => {
    const goOn = await h3.stopAgent();
    try {
      const failure = await h1.fails(['move', 'xterm', '--to', 'h3'], { timeoutMs: 30_000 });
      expect(failure).toMatchObject({ code: 'timeout', message: expect.stringContaining('agent on h3') });
      expect(failure.hint).toContain('kill -CONT');
      expect(await h1.fails(['apps', 'h3'], { timeoutMs: 30_000 })).toMatchObject({ code: 'timeout' });
    } finally {
      goOn();
    }
    await shownOnlyAt(h1);
  });

  it("finishes without the host's agent", async () => {
    await gate.shut('hold');
    const move = h3.host.spawn(['hotdesk', 'move', 'xterm', '--json'], { env: h3.host.seatEnv });
    await gate.reached();
    await h2.killAgent();
    await gate.open();
    expect((await move.result).code).toBe(0);
    await h2.ok(['agent', 'start']);
    await shownOnlyAt(h3);
  });

  it("gives it back without the host's agent", async () => {
    await gate.shut('hold');
    const move = h3.host.spawn(['hotdesk', 'move', 'xterm', '--json'], { env: h3.host.seatEnv });
    await gate.reached();
    await h2.killAgent();
    for (const { outerPid } of h3.viewers()) process.kill(outerPid, 'SIGKILL');
    const { code, stdout } = await move.result;
    expect(failureOf(code, stdout)).toMatchObject({ code: 'viewer-failed', exit: 6 });
    await h2.ok(['agent', 'start']);
    await shownOnlyAt(h1);
  });

  it("finishes without the old seat's agent", async () => {
    await gate.shut('hold');
    const move = h3.host.spawn(['hotdesk', 'move', 'xterm', '--json'], { env: h3.host.seatEnv });
    await gate.reached();
    await h1.killAgent();
    await gate.open();
    expect((await move.result).code).toBe(0);
    await h1.ok(['agent', 'start']);
    await shownOnlyAt(h3);
  });

  it('has one winner when two people move it at once', async () => {
    for (const round of [1, 2, 3]) {
      const both = await Promise.all([h2, h3].map((desk) => desk.run(['move', 'xterm', '--json'])));
      const codes = both.map(({ code, stdout }) => (code === 0 ? 'won' : failureOf(code, stdout).code));
      expect(codes, `round ${round}`).toContain('won');
      expect(
        codes.every((code) => code === 'won' || code === 'session-busy'),
        codes.join(),
      ).toBe(true);
      const winners = [h2, h3].filter((_, index) => codes[index] === 'won');
      await until('one viewer is left', () => faults.desks.flatMap((d) => d.viewers()).length === 1);
      const holder = winners.find((desk) => desk.viewers().length === 1);
      if (!holder) throw new Error(`neither winner of round ${round} has it: ${codes.join()}`);
      await shownOnlyAt(holder);
      await h1.ok(['move', 'xterm']);
      await shownOnlyAt(h1);
    }
  });

  it('has one winner when one is sent away while it is taken', async () => {
    await gate.shut('hold');
    const move = h3.host.spawn(['hotdesk', 'move', 'xterm', '--json'], { env: h3.host.seatEnv });
    await gate.reached();
    const refused = await h2.fails(['move', 'xterm']);
    expect(refused).toMatchObject({ code: 'session-busy', exit: 7 });
    expect(refused.message).toContain('h3');
    expect(refused.hint).toBeTruthy();
    await gate.open();
    expect((await move.result).code).toBe(0);
    await shownOnlyAt(h3);
  });
});
