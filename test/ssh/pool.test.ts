/** Who gets which connection, and what becomes of one; against real servers in liveness.real.test.ts and jump.real.test.ts. */
import { afterEach, expect, it } from 'vitest';
import type { Clock } from '../../src/kernel/clock.ts';
import type { HotdeskError } from '../../src/kernel/errors.ts';
import { createPool, Lately, type Pool, type PoolDeps } from '../../src/ssh/ssh.ts';
import { type SshServer, type SshServing, startSshServer } from '../rigs/ssh-server.ts';
import { until } from '../rigs/until.ts';

let server: SshServer | undefined;
let pool: Pool | undefined;
afterEach(async () => {
  await pool?.close();
  server?.stop();
});

async function rig(serving: SshServing = {}, deps: PoolDeps = {}) {
  const serves = await startSshServer(serving);
  const connections = createPool({ ...serves.environment, ...deps });
  [server, pool] = [serves, connections];
  return { server: serves, pool: connections, target: serves.target };
}

/** Time that stands still until it is moved. */
function stillClock(): Clock & { pass(ms: number): void; waiting(): number } {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly ring: () => void }>();
  return {
    now: () => now,
    after: (ms, ring) => {
      const timer = { at: now + ms, ring };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    waiting: () => timers.size,
    pass: (ms) => {
      now += ms;
      for (const timer of timers) {
        if (timer.at <= now && timers.delete(timer)) timer.ring();
      }
    },
  };
}

const failed = (error: HotdeskError) => error;

it.each([false, true])(
  'a server that ends each login is logged in to once (ssh-agent: %s)',
  async (forwardAgent) => {
    const { pool, server, target } = await rig(
      {
        login: (attempt, client, socket) => {
          if (server.sockets.length > 3) return attempt.accept();
          // In one packet: whoever waits for the login sees the connection gone already.
          socket.cork();
          attempt.accept();
          client.end();
          socket.uncork();
        },
      },
      { env: { SSH_AUTH_SOCK: '/nonexistent' } },
    );
    await expect(pool.connect(target, { forwardAgent })).rejects.toMatchObject({
      code: 'connection-lost',
      message: expect.stringContaining('right after the login'),
    });
    expect(server.sockets).toHaveLength(1);
    expect(pool.connections()).toEqual([]);
  },
);

it('who comes when the last who waited has just given up gets a connection', async () => {
  const lately = new Lately();
  const { pool, target } = await rig({}, { lately });
  const before = await pool.connect(target);
  before.close();
  await before.closed;
  const stop = new AbortController();
  const first = pool.connect(target, { signal: stop.signal }).catch(failed);
  // It is being made: ssh's configuration is known, and what ssh knows of hosts is being read.
  for (let ticks = 0; ticks < 30; ticks += 1) await Promise.resolve();
  stop.abort();
  expect(await first).toMatchObject({ code: 'cancelled' });
  expect((await pool.connect(target)).isOpen).toBe(true);
});

it('a connection is closed when nothing has used it for a while, counted from when it was last handed out', async () => {
  const clock = stillClock();
  const { pool, target } = await rig({}, { clock, idleMs: 1000 });
  const connection = await pool.connect(target);
  const release = connection.lease();
  clock.pass(5000);
  release();
  clock.pass(999);
  expect(await pool.connect(target)).toBe(connection);
  clock.pass(999);
  expect(connection.isOpen).toBe(true);
  clock.pass(1);
  expect(connection.isOpen).toBe(false);
  const next = await pool.connect(target);
  next.close();
  await next.closed;
  await until('its time is not counted any more', () => clock.waiting() === 0);
});

it('a connection that was let go while it is used stays for who asks for it meanwhile', async () => {
  const { pool, target } = await rig();
  const connection = await pool.connect(target);
  const release = connection.lease();
  connection.letGo();
  const same = await pool.connect(target);
  release();
  expect(same.isOpen).toBe(true);
});

it('a connection of one’s own is shared with nobody, and narrowed to the methods that were named', async () => {
  const methods: string[] = [];
  const { pool, target } = await rig({
    login: (attempt) => {
      methods.push(attempt.method);
      if (methods.length === 1) attempt.accept();
      else attempt.reject(['password', 'publickey']);
    },
  });
  const shared = await pool.connect(target);
  const prompter = { ask: async () => ['guess'] };
  const own = pool.connect(target, { prompter, fresh: { methods: ['publickey'] } });
  await expect(own).rejects.toMatchObject({ code: 'auth-failed' });
  expect(methods).not.toContain('password');
  expect(pool.connections()).toEqual([shared]);
});

it('closing ends what is open and what is being made, those of their own too, and refuses further ones', async () => {
  const attempts: string[] = [];
  const { pool, server, target } = await rig({
    login: (attempt) => {
      attempts.push(attempt.method);
      if (server.sockets.length < 2) attempt.accept();
    },
  });
  const own = await pool.connect(target, { fresh: {} });
  const [making, shared] = [pool.connect(target, { fresh: {} }), pool.connect(target)].map((each) =>
    each.catch(failed),
  );
  await until('both log in', () => attempts.length === 3);
  await pool.close();
  expect(own.isOpen).toBe(false);
  expect(await making).toMatchObject({ code: 'cancelled' });
  expect(await shared).toMatchObject({ code: 'cancelled' });
  await until('all are closed', () => server.open() === 0);
  for (const late of [pool.connect(target), pool.connect(target, { fresh: {} }), pool.scan(target)]) {
    await expect(late).rejects.toMatchObject({ code: 'cancelled' });
  }
  expect(server.sockets).toHaveLength(3);
});

it('whom nobody could ask for is asked himself when he comes meanwhile', async () => {
  let passwords = 0;
  const { pool, server, target } = await rig({
    login: (attempt) => {
      if (attempt.method === 'password') {
        passwords += 1;
        attempt.accept();
      } else setTimeout(() => attempt.reject(['password']), 50);
    },
  });
  const background = pool.connect(target).catch(failed);
  await until('it is being made', () => server.sockets.length === 1);
  const person = await pool.connect(target, { prompter: { ask: async () => ['secret'] } });
  expect(await background).toMatchObject({ code: 'auth-failed' });
  expect(person.isOpen).toBe(true);
  expect(passwords).toBe(1);
});
