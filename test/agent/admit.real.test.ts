/**
 * A viewer that must be let in first, or for which it is not known yet whether a password is wanted: it starts
 * meanwhile, and nothing of it reaches the session before.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LaunchRequest, type RunningViewer, ViewerRegistry } from '../../src/agent/viewers.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Endpoint } from '../../src/model/machine.ts';
import type { Backend } from '../../src/profiles/backend.ts';
import { HOST } from '../actions/fake-context.ts';
import { until } from '../rigs/until.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-admit-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ADMIT = { endpoint: { kind: 'unix' }, admit: { argv: ['x'] } };
const OWN = { endpoint: { kind: 'unix' }, own: { argv: ['x'] }, secrets: ['passwd'] };

interface Far {
  readonly connect: object;
  readonly admit?: Promise<void>;
  readonly endpoint?: Promise<Endpoint>;
  readonly claimed?: Promise<unknown>;
  /** Of the display. */
  readonly answers?: Promise<void>;
}

/** A viewer that says hello, and shows when it is answered. */
function rig({ connect: section, admit, endpoint, claimed, answers = Promise.resolve() }: Far) {
  let asked = 0;
  const seen = { hello: '', launched: 0, stopped: 0 };
  const secrets: unknown[] = [];
  const launch = async ({ at, secrets: given }: LaunchRequest): Promise<RunningViewer> => {
    seen.launched += 1;
    secrets.push(given);
    const socket = connect(at?.kind === 'unix' ? at.path : '');
    socket.write('hello');
    let exit: (how: string) => void = () => {};
    const exited = new Promise<string>((resolve) => {
      exit = resolve;
    });
    const shown = new Promise<void>((resolve, reject) => {
      socket.once('data', () => resolve());
      socket.once('close', () => reject(new HotdeskError('viewer-failed', 'It lost its connection.')));
    });
    shown.catch(() => {});
    const stop = async () => {
      seen.stopped += 1;
      socket.destroy();
      exit('stopped');
    };
    return { pid: 1, shown, exited, stop };
  };
  const open = async () => {
    const far = new PassThrough();
    far.on('data', (chunk: Buffer) => {
      seen.hello += chunk.toString();
    });
    return far;
  };
  const backend = {
    profile: { name: 'rdp', connect: section },
    machine: { name: 'alpha', isLocal: false, open },
    endpoint: async () => {
      asked += 1;
      return endpoint ?? { kind: 'unix', path: '/nonexistent' };
    },
    ...(admit ? { admit: () => admit } : {}),
  } as unknown as Backend;
  const registry = new ViewerRegistry({
    me: { hostId: 'ME', host: 'me' },
    log: silentLogger,
    folder,
    takeSeat: (id) => ({ seat: { id, kind: 'x11', env: {} }, answers }),
    launch,
    onChange: () => {},
    onTaken: () => {},
  });
  const session = { localId: '10', name: 'office' };
  const request = { host: HOST, backend, session, seat: ':0', mode: 'take', options: {}, claimed } as const;
  return {
    asked: () => asked,
    seen,
    secrets,
    registry,
    opening: registry.open(request, new AbortController().signal),
  };
}

test('what it sends waits until it is let in', async () => {
  let letIn: () => void = () => {};
  const { seen, registry, opening } = rig({
    connect: ADMIT,
    admit: new Promise((resolve) => {
      letIn = resolve;
    }),
  });
  await until('it is started', () => seen.launched === 1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(seen.hello).toBe('');
  letIn();
  expect(await opening).toMatchObject({ ref: 'rdp:10@alpha', state: 'shown' });
  expect(seen.hello).toBe('hello');
  await registry.end();
});

test('one that is not let in is ended, and the error says why; nothing is left', async () => {
  let refuse: (why: Error) => void = () => {};
  const { seen, registry, opening } = rig({
    connect: ADMIT,
    admit: new Promise((_, reject) => {
      refuse = reject;
    }),
  });
  await until('it is started', () => seen.launched === 1);
  refuse(new HotdeskError('auth-failed', 'not that password'));
  await expect(opening).rejects.toMatchObject({ code: 'auth-failed', message: 'not that password' });
  expect(seen).toEqual({ hello: '', launched: 1, stopped: 1 });
  await until('it is forgotten', () => registry.all().length === 0);
  expect(readdirSync(folder)).toEqual([]);
});

/** An endpoint that is told later. */
function later() {
  let tell: (endpoint: Endpoint) => void = () => {};
  const endpoint = new Promise<Endpoint>((resolve) => {
    tell = resolve;
  });
  return { endpoint, tell: (found: Endpoint) => tell(found) };
}

test('one of a session that is probably our own starts before that is known', async () => {
  const { endpoint, tell } = later();
  const { seen, secrets, registry, opening } = rig({ connect: OWN, endpoint });
  await until('it is started', () => seen.launched === 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(seen.hello).toBe('');
  tell({ kind: 'unix', path: '/nonexistent', secrets: { passwd: '' } });
  expect(await opening).toMatchObject({ state: 'shown' });
  expect(seen).toEqual({ hello: 'hello', launched: 1, stopped: 0 });
  expect(secrets).toEqual([{ passwd: '' }]);
  await registry.end();
});

test('where a password is wanted after all it is started anew, and the first one reached nothing', async () => {
  const { endpoint, tell } = later();
  const { seen, secrets, registry, opening } = rig({ connect: OWN, endpoint });
  await until('it is started', () => seen.launched === 1);
  tell({ kind: 'unix', path: '/nonexistent', secrets: { passwd: 'abc' } });
  expect(await opening).toMatchObject({ state: 'shown' });
  expect(seen).toEqual({ hello: 'hello', launched: 2, stopped: 1 });
  expect(secrets).toEqual([{ passwd: '' }, { passwd: 'abc' }]);
  expect(registry.all()).toHaveLength(1);
  await registry.end();
});

test('where the session is gone it is ended, and the error says so; nothing is left', async () => {
  const gone = Promise.reject(new HotdeskError('session-gone', 'no more'));
  const { registry, opening } = rig({ connect: OWN, endpoint: gone });
  await expect(opening).rejects.toMatchObject({ code: 'session-gone' });
  await until('it is forgotten', () => registry.all().length === 0);
  expect(readdirSync(folder)).toEqual([]);
});

test('where its display does not answer it is ended, and the error says that; nothing is left', async () => {
  let fail: (why: Error) => void = () => {};
  const { seen, registry, opening } = rig({
    connect: ADMIT,
    admit: new Promise(() => {}),
    answers: new Promise((_, reject) => {
      fail = reject;
    }),
  });
  await until('it is started', () => seen.launched === 1);
  fail(new HotdeskError('no-seat', 'nobody there'));
  await expect(opening).rejects.toMatchObject({ code: 'no-seat' });
  expect(seen).toEqual({ hello: '', launched: 1, stopped: 1 });
  await until('it is forgotten', () => registry.all().length === 0);
  expect(readdirSync(folder)).toEqual([]);
});

test('a session is not asked for its place before its display has answered: it may be taken by that', async () => {
  let fail: (why: Error) => void = () => {};
  const { asked, opening } = rig({
    connect: ADMIT,
    answers: new Promise((_, reject) => {
      fail = reject;
    }),
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(asked()).toBe(0);
  fail(new HotdeskError('no-seat', 'nobody there'));
  await expect(opening).rejects.toMatchObject({ code: 'no-seat' });
  expect(asked()).toBe(0);
});

test('one that says nothing of itself is not taken for shown before its display has answered', async () => {
  let answer: () => void = () => {};
  const { registry, opening } = rig({
    ...{ connect: OWN, endpoint: Promise.resolve<Endpoint>({ kind: 'unix', path: '/x', secrets: {} }) },
    answers: new Promise<void>((resolve) => {
      answer = resolve;
    }),
  });
  await until('it is there', () => registry.all().length === 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(registry.all()[0]?.state).toBe('opening');
  answer();
  expect(await opening).toMatchObject({ state: 'shown' });
  await registry.end();
});

describe('a session that is being claimed', () => {
  const pending = () => {
    let grant = () => {};
    let refuse = (_why: Error) => {};
    const claimed = new Promise<void>((resolve, reject) => {
      grant = resolve;
      refuse = reject;
    });
    return { claimed, grant: () => grant(), refuse: (why: Error) => refuse(why) };
  };
  const busy = new HotdeskError('session-busy', 'Somebody else takes it.');

  test('is not asked, nor its viewer counted, before it is', async () => {
    const { claimed, grant } = pending();
    const { seen, asked, registry, opening } = rig({ connect: OWN, claimed });
    await until('it is started', () => seen.launched === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([seen.hello, asked(), registry.all().length]).toEqual(['', 0, 0]);
    grant();
    expect(await opening).toMatchObject({ state: 'shown' });
    expect([seen.hello, asked(), registry.all().length]).toEqual(['hello', 1, 1]);
    await registry.end();
  });

  test('and is refused: its viewer ends, and nothing is left', async () => {
    const { claimed, refuse } = pending();
    const { seen, asked, registry, opening } = rig({ connect: OWN, claimed });
    await until('it is started', () => seen.launched === 1);
    refuse(busy);
    await expect(opening).rejects.toBe(busy);
    expect([seen, asked(), registry.all()]).toEqual([{ hello: '', launched: 1, stopped: 1 }, 0, []]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('has no viewer at all before, where that would need to know more of it', async () => {
    const { claimed, refuse } = pending();
    const { seen, asked, opening } = rig({ connect: ADMIT, claimed });
    await new Promise((resolve) => setTimeout(resolve, 50));
    refuse(busy);
    await expect(opening).rejects.toBe(busy);
    expect([seen.launched, asked()]).toEqual([0, 0]);
  });
});
