import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { hasSecrets, isProbablyOpen, localEnd, type Opening, secretsOf } from '../../src/agent/opening.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Endpoint } from '../../src/model/machine.ts';

const root = mkdtempSync(join(tmpdir(), 'hotdesk-opening-'));
const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanup.splice(0)) clean();
  rmSync(root, { recursive: true, force: true });
});

const there: Endpoint = { kind: 'unix', path: '/far/s.sock' };
const connectOf = (more = {}) => ({ endpoint: { kind: 'unix', path: '{path}' }, ...more });

interface Given {
  readonly profile?: object;
  readonly isLocal?: boolean;
  readonly found?: Promise<Endpoint>;
  readonly admitted?: Promise<unknown>;
  readonly endpoint?: Endpoint;
  readonly secrets?: 'none';
  readonly onOpen?: () => void;
}

/** An opening whose machine notes what is opened there, and gives a stream that says so. */
function rig({ profile = { connect: connectOf() }, isLocal = false, onOpen, ...given }: Given = {}) {
  // Theirs is the same socket.
  for (const clean of cleanup.splice(0)) clean();
  const opened: Endpoint[] = [];
  const warned: unknown[] = [];
  const open = async (at: Endpoint) => {
    opened.push(at);
    onOpen?.();
    const stream = new PassThrough();
    stream.write('there');
    return stream;
  };
  const opening = {
    ...{ viewerId: 'v1', found: Promise.resolve(there), admitted: Promise.resolve(), ...given },
    request: { backend: { profile, machine: { isLocal, open } }, endpoint: given.endpoint },
  } as unknown as Opening;
  const log = { ...silentLogger, warn: (fields: object) => void warned.push(fields) };
  const end = async () => {
    const local = await localEnd(opening, join(root, 'v'), log);
    cleanup.push(() => local.forward?.close());
    return local;
  };
  return { opening, opened, warned, end };
}

/** What comes out where a viewer would connect; empty where it is hung up on. */
function heard(at: Endpoint | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    if (at?.kind !== 'unix' && at?.kind !== 'tcp') return reject(new Error('nowhere to connect'));
    const socket = at.kind === 'unix' ? connect(at.path) : connect(at.port, at.host);
    cleanup.push(() => socket.destroy());
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    socket.once('close', () => resolve(''));
    socket.once('error', reject);
  });
}

describe('where a viewer connects', () => {
  it('for a session elsewhere is a socket of its own in a private folder, which goes with it', async () => {
    const { end, opened } = rig();
    const { at, forward } = await end();
    expect(at).toEqual({ kind: 'unix', path: join(root, 'v', 'v1.sock') });
    expect(statSync(join(root, 'v')).mode & 0o777).toBe(0o700);
    expect(await heard(at)).toBe('there');
    expect(opened).toEqual([there]);
    forward?.close();
    expect(existsSync(join(root, 'v', 'v1.sock'))).toBe(false);
  });

  it.each([
    ['that asks who is let in', { connect: connectOf({ admit: {} }) }, undefined, there],
    ['that is still being started', undefined, there, there],
    ['with a port', undefined, undefined, { kind: 'tcp', host: '127.0.0.1', port: 5 } as const],
  ])('is a socket of ours for a session of this machine %s', async (_what, profile, endpoint, found) => {
    const more = { ...(profile ? { profile } : {}), ...(endpoint ? { endpoint } : {}) };
    const { at, forward } = await rig({ isLocal: true, found: Promise.resolve(found), ...more }).end();
    expect(at).toMatchObject({ path: join(root, 'v', 'v1.sock') });
    expect(forward).toBeDefined();
  });

  it('is the socket of the session itself on this machine', async () => {
    expect(await rig({ isLocal: true }).end()).toEqual({ at: there });
    expect(existsSync(root)).toBe(false);
  });

  it('is nowhere for a terminal, and what the viewer runs itself where it does', async () => {
    const pty = { connect: { endpoint: { kind: 'pty' } } };
    expect(await rig({ profile: pty }).end()).toEqual({ at: undefined });
    const at = { kind: 'ssh', argv: ['serve'] } as const;
    const ssh = { connect: { endpoint: { kind: 'ssh' } } };
    expect(await rig({ profile: ssh, found: Promise.resolve(at) }).end()).toEqual({ at });
  });

  it('is a port where the viewer gives its secrets to nothing else, and a socket where there are none', async () => {
    const profile = { connect: { endpoint: { kind: 'unix', path: '{path}', secretsNeedPort: true } } };
    const locked = Promise.resolve({ ...there, secrets: { password: 'x' } });
    const { at } = await rig({ profile, found: locked }).end();
    expect(at).toMatchObject({ kind: 'tcp', host: '127.0.0.1' });
    expect(await heard(at)).toBe('there');
    expect((await rig({ profile }).end()).at).toMatchObject({ kind: 'unix' });
    const early = await rig({ profile, found: new Promise(() => {}), secrets: 'none' }).end();
    expect(early.at).toMatchObject({ kind: 'unix' });
  });
});

describe('what a viewer sends', () => {
  it('reaches nothing before it is let in', async () => {
    const order: unknown[] = [];
    const admitted = new Promise((resolve) => setTimeout(resolve, 50)).then(() => order.push('let in'));
    const { end, opened } = rig({ admitted, onOpen: () => order.push('opened') });
    expect(await heard((await end()).at)).toBe('there');
    expect(order).toEqual(['let in', 'opened']);
    expect(opened).toEqual([there]);
  });

  it('is hung up on where it is not, and that is told without a word for what was called off', async () => {
    const refused = Promise.reject(new HotdeskError('auth-failed', 'no'));
    refused.catch(() => {});
    const one = rig({ admitted: refused });
    expect(await heard((await one.end()).at)).toBe('');
    expect(one.opened).toEqual([]);
    expect(one.warned).toEqual([{ viewer: 'v1', code: 'auth-failed' }]);
    const called = Promise.reject(new HotdeskError('cancelled', 'no'));
    called.catch(() => {});
    const off = rig({ admitted: called });
    expect(await heard((await off.end()).at)).toBe('');
    expect(off.warned).toEqual([]);
  });
});

describe('secrets', () => {
  const asks = (connect: object, more = {}) => ({ profile: { connect: connectOf(connect), ...more } });

  it('are there where one of them says something', () => {
    expect(hasSecrets({ ...there, secrets: { a: '', b: 'x' } })).toBe(true);
    expect(hasSecrets({ ...there, secrets: { a: '' } })).toBe(false);
    expect(hasSecrets(there)).toBe(false);
    expect(hasSecrets({ kind: 'pty', argv: [], env: {} })).toBe(false);
  });

  it('are those of the endpoint, where the profile has any or asks for them', async () => {
    const found = Promise.resolve({ ...there, secrets: { cookie: 'c' } });
    expect(await secretsOf(rig({ found, ...asks({ secrets: ['cookie'] }) }).opening)).toEqual({
      cookie: 'c',
    });
    expect(await secretsOf(rig({ found, ...asks({}, { asks: {} }) }).opening)).toEqual({ cookie: 'c' });
    expect(await secretsOf(rig({ found }).opening)).toBeUndefined();
  });

  it('are empty, without a look at the endpoint, where none are taken for granted', async () => {
    const early = { found: new Promise<Endpoint>(() => {}), secrets: 'none' } as const;
    expect(await secretsOf(rig({ ...early, ...asks({ secrets: ['a', 'b'] }) }).opening)).toEqual({
      a: '',
      b: '',
    });
  });

  it('are probably none for a session of hotdesk’s own elsewhere that is there already', () => {
    const own = asks({ own: {} });
    const isOpen = (given: Given) => isProbablyOpen(rig(given).opening.request);
    expect(isOpen(own)).toBe(true);
    expect(isOpen(asks({}))).toBe(false);
    expect(isOpen({ ...own, isLocal: true })).toBe(false);
    expect(isOpen({ ...own, endpoint: there })).toBe(false);
    expect(isOpen(asks({ own: {} }, { asks: {} }))).toBe(false);
  });
});
