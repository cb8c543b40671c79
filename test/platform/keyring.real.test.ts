/** Against gnome-keyring on a session bus of the test's own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findKeyring, keyring } from '../../src/platform/keyring.ts';
import { listens } from '../rigs/listens.ts';
import { until as untilWithin } from '../rigs/until.ts';

const account = { user: 'me', host: 'alpha', port: 22 };
const PASSWORD = 'hünter2 "$#\n';
const BUS = 'DBUS_SESSION_BUS_ADDRESS';

const until = (what: string, condition: () => boolean) => untilWithin(what, condition, 30_000);

let folder: string;
let state: string;
let bus: ChildProcess | undefined;
let daemon: ChildProcess | undefined;
let trouble: string[];
const before = process.env[BUS];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hd-keyring-'));
});
beforeEach(() => {
  state = join(folder, 'state');
  trouble = [];
});
afterEach(() => rmSync(state, { recursive: true, force: true }));
afterAll(() => {
  if (before === undefined) delete process.env[BUS];
  else process.env[BUS] = before;
  rmSync(folder, { recursive: true, force: true });
});

const environment = () => ({
  ...process.env,
  HOME: folder,
  XDG_DATA_HOME: join(folder, 'data'),
  XDG_RUNTIME_DIR: folder,
});

/** The native library reads the bus's address from the process itself. */
async function startBus(): Promise<void> {
  const socket = join(folder, 'bus.sock');
  const address = `unix:path=${socket}`;
  bus = spawn('dbus-daemon', ['--session', '--nofork', `--address=${address}`], {
    env: environment(),
    stdio: 'ignore',
  });
  await untilWithin('the bus', () => listens(socket));
  process.env[BUS] = address;
}

async function startKeyring(): Promise<void> {
  mkdirSync(join(folder, 'data'), { recursive: true });
  daemon = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
    env: environment(),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  daemon.stdin?.end('the login password');
  await until('the secret service', () => owned('org.freedesktop.secrets'));
  await until('its collection', () => gdbus('Get', LOGIN).includes('false'));
}

const LOGIN = ['org.freedesktop.Secret.Collection', 'Locked'];
function gdbus(member: string, args: readonly string[]): string {
  try {
    return execFileSync(
      'gdbus',
      [
        ...[
          'call',
          '--session',
          '-d',
          'org.freedesktop.secrets',
          '-o',
          '/org/freedesktop/secrets/aliases/default',
        ],
        ...['-m', `org.freedesktop.DBus.Properties.${member}`, ...args],
      ],
      { env: environment(), stdio: ['ignore', 'pipe', 'ignore'] },
    ).toString();
  } catch {
    return '';
  }
}

function owned(name: string): boolean {
  return execFileSync(
    'gdbus',
    [
      ...['call', '--session', '-d', 'org.freedesktop.DBus', '-o', '/org/freedesktop/DBus'],
      ...['-m', 'org.freedesktop.DBus.NameHasOwner', name],
    ],
    { env: environment() },
  )
    .toString()
    .includes('true');
}

function open() {
  return keyring({ stateDir: state, env: process.env, onTrouble: (message) => void trouble.push(message) });
}

/** Every file under a folder. */
function files(of: string): string[] {
  return readdirSync(of, { recursive: true, encoding: 'utf8' })
    .map((name) => join(of, name))
    .filter((file) => statSync(file).isFile());
}

describe('with a secret service', () => {
  // Once: the library stays with the first bus that it meets.
  beforeAll(async () => {
    await startBus();
    await startKeyring();
  });
  afterAll(() => {
    for (const child of [daemon, bus]) child?.kill('SIGKILL');
  });

  test('keeps a password, gives it back, and forgets it', async () => {
    const store = await findKeyring({ stateDir: state, env: process.env });
    expect(await store?.get(account, true)).toBeUndefined();
    expect(await store?.set(account, 'first')).toBe(true);
    expect(await store?.set(account, PASSWORD)).toBe(true);
    for (const mayAsk of [true, false]) expect(await open().get(account, mayAsk)).toBe(PASSWORD);
    expect(await open().get({ ...account, port: 2222 }, true)).toBeUndefined();
    expect(JSON.parse(readFileSync(join(state, 'keyring.json'), 'utf8'))).toEqual(['me@alpha:22']);
    for (const file of files(folder)) expect(readFileSync(file, 'latin1')).not.toContain('nter2');
    expect(await open().delete(account)).toBe(true);
    expect(await open().delete(account)).toBe(false);
    expect(await open().get(account, true)).toBeUndefined();
    expect(existsSync(join(state, 'keyring.json'))).toBe(false);
    expect(trouble).toEqual([]);
  });

  test('keeps those of RDP apart from those of SSH, each for one key of its host', async () => {
    const desk = { ...account, port: 0, rdp: 'SHA256:one' };
    expect(await open().set({ ...account, port: 0 }, 'of SSH')).toBe(true);
    expect(await open().set(desk, 'of RDP')).toBe(true);
    expect(await open().get({ ...account, port: 0 }, true)).toBe('of SSH');
    expect(await open().get(desk, true)).toBe('of RDP');
    expect(await open().get({ ...desk, rdp: 'SHA256:two' }, true)).toBeUndefined();
    // A new key of the same host: the old one's goes.
    expect(await open().set({ ...desk, rdp: 'SHA256:two' }, 'newer')).toBe(true);
    expect(await open().get(desk, true)).toBeUndefined();
    const other = { ...desk, host: 'be ta', user: 'me@corp' };
    expect(await open().set(other, 'of another')).toBe(true);
    await open().keepOnly(['be ta']);
    expect(await open().get({ ...desk, rdp: 'SHA256:two' }, true)).toBeUndefined();
    expect(await open().get(other, true)).toBe('of another');
    await open().keepOnly([]);
    expect(await open().get(other, true)).toBeUndefined();
    // What SSH has kept is for `hotdesk setup --undo` to take out.
    expect(JSON.parse(readFileSync(join(state, 'keyring.json'), 'utf8'))).toEqual(['me@alpha:0']);
    expect(await open().delete({ ...account, port: 0 })).toBe(true);
    expect(trouble).toEqual([]);
  });

  test('does not make the desktop ask for a locked one, unless it may', async () => {
    expect(await open().set(account, PASSWORD)).toBe(true);
    const login = "['/org/freedesktop/secrets/collection/login']";
    execFileSync(
      'gdbus',
      [
        ...['call', '--session', '-d', 'org.freedesktop.secrets', '-o', '/org/freedesktop/secrets'],
        ...['-m', 'org.freedesktop.Secret.Service.Lock', login],
      ],
      { env: environment() },
    );
    expect(gdbus('Get', LOGIN)).toContain('true');
    expect(await open().get(account, false)).toBeUndefined();
    expect(trouble).toEqual([]);
    expect(owned('org.gnome.keyring.SystemPrompter')).toBe(false);
  });
});

test('without a bus there is none, and what is asked of it is told why not', async () => {
  process.env[BUS] = `unix:path=${join(folder, 'none')}`;
  expect(await findKeyring({ stateDir: state, env: process.env })).toBeUndefined();
  expect(await open().get(account, true)).toBeUndefined();
  expect(await open().set(account, PASSWORD)).toBe(false);
  expect(trouble).toEqual([expect.stringContaining('The keyring cannot be used')]);
  expect(trouble.join()).not.toContain('nter2');
  expect(existsSync(state)).toBe(false);
});
