/** The announcement of this machine's sleep, from a stand-in for logind on a real bus, with the real systemd-inhibit. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Sleep, type SleepDeps } from '../../src/agent/sleep.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import { hasSystemBus, systemBus } from '../../src/platform/dbus.ts';
import { sleepLock } from '../../src/platform/sleep-lock.ts';
import { TestBus } from '../rigs/bus.ts';
import { until } from '../rigs/until.ts';

const run = promisify(execFile);
const LOGIND_PY = fileURLToPath(new URL('../rigs/logind.py', import.meta.url));
const LOGIND = ['org.freedesktop.login1', '/org/freedesktop/login1'] as const;

let bus: TestBus;
let logind: ChildProcess | undefined;
let sleep: Sleep | undefined;
const before = process.env.DBUS_SYSTEM_BUS_ADDRESS;

beforeEach(async () => {
  bus = await TestBus.start();
  process.env.DBUS_SYSTEM_BUS_ADDRESS = bus.address;
});
afterEach(async () => {
  sleep?.stop();
  logind?.kill();
  logind = undefined;
  await bus.end();
  if (before === undefined) delete process.env.DBUS_SYSTEM_BUS_ADDRESS;
  else process.env.DBUS_SYSTEM_BUS_ADDRESS = before;
});

const gdbus = async (method: string, ...args: string[]) => {
  const [name, path] = LOGIND;
  const call = ['call', '--system', '-d', name, '-o', path, '-m', method, ...args];
  return (await run('gdbus', call)).stdout;
};
const inhibitors = () => gdbus('org.freedesktop.login1.Manager.ListInhibitors');
const holds = async () => (await inhibitors()).includes("('sleep', 'hotdesk',");
const announce = (begins: boolean) => gdbus('hotdesk.Test.Announce', `${begins}`);

async function startLogind(): Promise<void> {
  logind = spawn('/usr/bin/python3', [LOGIND_PY], { stdio: 'ignore' });
  await until(
    'logind answers',
    () =>
      inhibitors().then(
        () => true,
        () => false,
      ),
    30_000,
  );
}

function make(more: Partial<SleepDeps> = {}): Sleep {
  sleep = new Sleep({
    open: systemBus,
    isThere: () => hasSystemBus(process.env),
    hold: sleepLock,
    clock: systemClock,
    log: silentLogger,
    tell: async () => {},
    ...more,
  });
  return sleep;
}

it('is told before it begins, while logind waits, and when it is over', async () => {
  await startLogind();
  const told: boolean[] = [];
  let known: () => void = () => {};
  const machine = make({
    tell: () => {
      told.push(machine.isAsleep);
      return new Promise<void>((resolve) => {
        known = resolve;
      });
    },
  });
  await machine.start();
  await until('logind is asked to wait', holds, 30_000);
  await announce(true);
  await until('it is told', () => told.length === 1, 30_000);
  expect(await holds()).toBe(true);
  known();
  await until('logind waits no more', async () => !(await holds()), 30_000);
  await announce(false);
  await until('it is told again', () => told.length === 2, 30_000);
  expect(told).toEqual([true, false]);
  await until('logind is asked to wait for the next time', holds, 30_000);
  machine.stop();
  await until('the lock is given back', async () => !(await holds()), 30_000);
}, 120_000);

it('is nobody else’s to announce', async () => {
  await startLogind();
  const told: boolean[] = [];
  let ours = '';
  const machine = make({
    open: async () => {
      const opened = await systemBus();
      await opened.call({
        ...{ destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus' },
        ...{ interface: 'org.freedesktop.DBus', member: 'GetId' },
      });
      ours = (opened as unknown as { name: string }).name;
      return opened;
    },
    tell: async () => void told.push(machine.isAsleep),
  });
  await machine.start();
  const [, path] = LOGIND;
  const signal = [path, 'org.freedesktop.login1.Manager.PrepareForSleep', 'boolean:true'];
  await run('dbus-send', ['--system', '--type=signal', ...signal]);
  await run('dbus-send', ['--system', '--type=signal', `--dest=${ours}`, ...signal]);
  // What comes after those from logind itself comes first to us.
  await announce(true);
  await until('it is told', () => told.length > 0, 30_000);
  await announce(false);
  await until('it is told again', () => told.length > 1, 30_000);
  expect(told).toEqual([true, false]);
}, 120_000);

it('asks nobody to wait where there is no logind, and nothing where there is no bus', async () => {
  let held = 0;
  const hold = () => {
    held += 1;
    return () => {};
  };
  await make({ hold }).start();
  let opened = 0;
  const open = async () => {
    opened += 1;
    return systemBus();
  };
  await make({ hold, open, isThere: () => false }).start();
  expect([held, opened]).toEqual([0, 0]);
});
