/** A viewer that must be let in first: it starts meanwhile, and nothing of it reaches the session before. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LaunchRequest, type RunningViewer, ViewerRegistry } from '../../src/agent/viewers.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Backend } from '../../src/profiles/backend.ts';
import { HOST } from '../actions/fake-context.ts';
import { until } from '../rigs/until.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-admit-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A viewer that says hello, and shows when it is answered. */
function rig(admit: Promise<void>) {
  const seen = { hello: '', launched: 0, stopped: 0 };
  const launch = async ({ at }: LaunchRequest): Promise<RunningViewer> => {
    seen.launched += 1;
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
    profile: { name: 'rdp', connect: { endpoint: { kind: 'unix' }, admit: { argv: ['x'] } } },
    machine: { name: 'alpha', isLocal: true, open },
    endpoint: async () => ({ kind: 'unix', path: '/nonexistent' }),
    admit: () => admit,
  } as unknown as Backend;
  const registry = new ViewerRegistry({
    me: { hostId: 'ME', host: 'me' },
    log: silentLogger,
    folder,
    pickSeat: async (id) => ({ id, kind: 'x11', env: {} }),
    launch,
    onChange: () => {},
    onTaken: () => {},
  });
  const session = { localId: '10', name: 'office' };
  const request = { host: HOST, backend, session, seat: ':0', mode: 'take', options: {} } as const;
  return { seen, registry, opening: registry.open(request, new AbortController().signal) };
}

test('what it sends waits until it is let in', async () => {
  let letIn: () => void = () => {};
  const { seen, registry, opening } = rig(
    new Promise((resolve) => {
      letIn = resolve;
    }),
  );
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
  const { seen, registry, opening } = rig(
    new Promise((_, reject) => {
      refuse = reject;
    }),
  );
  await until('it is started', () => seen.launched === 1);
  refuse(new HotdeskError('auth-failed', 'not that password'));
  await expect(opening).rejects.toMatchObject({ code: 'auth-failed', message: 'not that password' });
  expect(seen).toEqual({ hello: '', launched: 1, stopped: 1 });
  await until('it is forgotten', () => registry.all().length === 0);
  expect(readdirSync(folder)).toEqual([]);
});
