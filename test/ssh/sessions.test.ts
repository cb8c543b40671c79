/** Which connection a command goes over while further ones come, go and fail; beside restricted.real.test.ts. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HotdeskError } from '../../src/kernel/errors.ts';
import type { Line } from '../../src/ssh/line.ts';
import { Sessions } from '../../src/ssh/sessions.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const passed = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A connection with room for one session, and how it goes. */
function fakeLine(name: string) {
  let close: (why: HotdeskError | undefined) => void = () => {};
  const closed = new Promise<HotdeskError | undefined>((resolve) => {
    close = resolve;
  });
  const state = { open: true, closings: 0, running: [] as EventEmitter[], answers: true, opens: false };
  let unanswered: (error: Error) => void = () => {};
  type Done = (error?: Error, channel?: EventEmitter) => void;
  const exec = (_command: string, options: { readonly env?: object }, done: Done) => {
    if (!state.answers) {
      unanswered = done;
      // As ssh2 does when the channel is open.
      if (state.opens) void options.env;
      return;
    }
    if (state.running.length > 0) return done(Object.assign(new Error('open failed'), { reason: 1 }));
    const channel = Object.assign(new EventEmitter(), {
      name,
      destroy: () => {},
      stderr: new EventEmitter(),
    });
    channel.once('close', () => {
      state.running = [];
    });
    state.running.push(channel);
    done(undefined, channel);
  };
  const line = {
    client: { exec },
    software: 'OpenSSH_9.2p1',
    closed,
    isOpen: () => state.open,
    close: () => {
      state.closings += 1;
      state.open = false;
    },
  } as unknown as Line;
  const end = () => state.running[0]?.emit('close');
  const die = () => {
    state.open = false;
    end();
    unanswered(new Error('No response from server'));
    close(new HotdeskError('connection-lost', 'It broke.'));
  };
  return { line, state, end, die };
}

/** @param dial makes the further connection number n, from 1 */
function rig(dial: (n: number) => Promise<Line> | Line) {
  const first = fakeLine('first');
  let dials = 0;
  const sessions = new Sessions(first.line, 'far', async () => {
    dials += 1;
    return dial(dials);
  });
  const run = (signal?: AbortSignal) => {
    const opened = sessions.exec('true', undefined, signal).then(
      ({ channel }) => (channel as unknown as { name: string }).name,
      (error: HotdeskError) => error,
    );
    return opened;
  };
  return { first, sessions, run, dials: () => dials };
}

it('a further connection that was made for nobody is closed in a while', async () => {
  const spare = fakeLine('spare');
  const { run, first } = rig(async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return spare.line;
  });
  expect(await run()).toBe('first');
  const stop = new AbortController();
  const given = run(stop.signal);
  await passed(50);
  stop.abort();
  expect(await given).toMatchObject({ code: 'cancelled' });
  await passed(59_000);
  expect(spare.state.closings).toBe(0);
  await passed(2000);
  expect(spare.state.closings).toBe(1);
  expect(first.state.closings).toBe(0);
});

it('one that died while nothing went over it is replaced by the next', async () => {
  const spares = [fakeLine('spare 1'), fakeLine('spare 2')];
  const { run, dials } = rig((n) => spares[n - 1]?.line ?? fakeLine('').line);
  await run();
  expect(await run()).toBe('spare 1');
  spares[0]?.end();
  spares[0]?.die();
  await passed(0);
  expect(await run()).toBe('spare 2');
  expect(dials()).toBe(2);
});

it('a command that never got out over one that had died goes over the next', async () => {
  const spares = [fakeLine('spare 1'), fakeLine('spare 2')];
  const { run } = rig((n) => spares[n - 1]?.line ?? fakeLine('').line);
  await run();
  await run();
  spares[0]?.end();
  // Nothing has told yet that it is gone.
  if (spares[0]) spares[0].state.answers = false;
  const sent = run();
  await passed(1000);
  spares[0]?.die();
  expect(await sent).toBe('spare 2');
});

it('a command that may have got out is not sent again', async () => {
  const spares = [fakeLine('spare 1'), fakeLine('spare 2')];
  const { run } = rig((n) => spares[n - 1]?.line ?? fakeLine('').line);
  await run();
  await run();
  spares[0]?.end();
  if (spares[0]) Object.assign(spares[0].state, { answers: false, opens: true });
  const sent = run();
  await passed(1000);
  spares[0]?.die();
  expect(await sent).toMatchObject({ code: 'connection-lost' });
});

it('a command waits for no further connection when there is room meanwhile', async () => {
  const { run, first } = rig(() => new Promise(() => {}));
  await run();
  const waiting = run();
  await passed(1000);
  first.end();
  expect(await waiting).toBe('first');
});

it('one that is refused is no failure of what can wait its turn, and the next is tried again soon', async () => {
  const spare = fakeLine('spare');
  const { run, first, dials } = rig((n) => {
    if (n === 1) throw new HotdeskError('connection-refused', 'far takes no more logins for now.');
    return spare.line;
  });
  await run();
  const waiting = run();
  await passed(1000);
  first.end();
  expect(await waiting).toBe('first');
  await passed(5000);
  expect(await run()).toBe('spare');
  expect(dials()).toBe(2);
});

it('one that is refused for good is told when nothing ends in time', async () => {
  const { run } = rig(() => {
    throw new HotdeskError('connection-refused', 'far takes no more logins for now.');
  });
  await run();
  const waiting = run();
  await passed(15_000);
  expect(await waiting).toMatchObject({
    code: 'limit-exceeded',
    message: expect.stringContaining('takes no more logins'),
    hint: expect.stringContaining('MaxSessions'),
  });
});

it('one for which nobody could be asked is tried again, seldom', async () => {
  const spare = fakeLine('spare');
  const { run, dials } = rig((n) => {
    if (n === 1) throw new HotdeskError('auth-failed', 'The key agent is locked.');
    return spare.line;
  });
  await run();
  for (let minute = 0; minute < 9; minute += 1) {
    const refused = run();
    await passed(60_000);
    expect(await refused).toMatchObject({
      code: 'limit-exceeded',
      hint: expect.stringContaining('setup far'),
    });
  }
  expect(dials()).toBe(1);
  await passed(61_000);
  expect(await run()).toBe('spare');
  expect(dials()).toBe(2);
});

it('one that comes after the first has been closed is closed too', async () => {
  const spare = fakeLine('spare');
  let come: (line: Line) => void = () => {};
  const { run, sessions } = rig(
    () =>
      new Promise((resolve) => {
        come = resolve;
      }),
  );
  await run();
  const waiting = run();
  await passed(0);
  sessions.close();
  expect(await waiting).toMatchObject({ code: 'connection-lost' });
  come(spare.line);
  await passed(0);
  expect(spare.state.closings).toBe(1);
});
