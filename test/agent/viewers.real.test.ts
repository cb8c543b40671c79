/** Viewers behind a real socket. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import type { OpenViewer } from '../../src/actions/context.ts';
import { ViewerRegistry } from '../../src/agent/viewers.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Endpoint } from '../../src/model/machine.ts';
import type { Backend } from '../../src/profiles/backend.ts';

const folder = mkdtempSync(join(tmpdir(), 'hotdesk-viewers-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const THERE: Endpoint = { kind: 'unix', path: '/far/s.sock' };

function rig() {
  let at: Endpoint | undefined;
  let exit = (_how: string) => {};
  const stopped: number[] = [];
  const registry = new ViewerRegistry({
    me: { hostId: 'ME', host: 'me' },
    log: silentLogger,
    folder,
    takeSeat: () => ({ seat: { id: ':0', kind: 'x11', env: {} } as never, answers: Promise.resolve() }),
    launch: async (request) => {
      at = request.at;
      const exited = new Promise<string>((resolve) => {
        exit = resolve;
      });
      const stop = async () => {
        stopped.push(performance.now());
        exit('stopped');
      };
      return { pid: 1, shown: Promise.resolve(), exited, stop };
    },
    onChange: () => {},
    onTaken: () => {},
  });
  const backend = {
    profile: { name: 'spice-vm', connect: { endpoint: { kind: 'unix', path: '{path}' } } },
    machine: { isLocal: false, name: 'h2', open: async () => new PassThrough() },
    endpoint: async () => THERE,
  } as unknown as Backend;
  const request = {
    ...{ host: { key: 'H2', name: 'h2' }, session: { backend: 'spice-vm', localId: '1', host: 'h2' } },
    ...{ backend, seat: ':0', mode: 'take', options: {}, claimed: Promise.resolve() },
  } as unknown as OpenViewer;
  const open = () => registry.open(request, new AbortController().signal);
  /** As the viewer does; resolves when it is joined to `there`. */
  const connects = async (there: PassThrough) => {
    if (at?.kind !== 'unix') throw new Error('nowhere to connect');
    const socket = connect(at.path);
    there.write('there');
    await once(socket, 'data');
    return socket;
  };
  return { registry, backend, open, connects, stopped };
}

it.each(['closed', 'ended with its agent'])(
  'a viewer that has followed its session to another host a moment ago is not %s before it has settled there',
  async (how) => {
    const { registry, backend, open, connects, stopped } = rig();
    const { id } = await open();
    const there = new PassThrough();
    const redirect = registry.redirect(id, backend, async () => there);
    expect(redirect).toBeDefined();
    const socket = await connects(there);
    const began = performance.now();
    await (how === 'closed' ? registry.close(id) : registry.end());
    expect(stopped).toHaveLength(1);
    // Beside what its connection took.
    expect((stopped[0] ?? 0) - began).toBeGreaterThan(700);
    socket.destroy();
  },
);

it('one that has not is ended at once', async () => {
  const { registry, backend, open, stopped } = rig();
  const { id } = await open();
  expect(registry.redirect(id, backend, async () => new PassThrough())).toBeDefined();
  const began = performance.now();
  await registry.close(id);
  expect((stopped[0] ?? Number.NaN) - began).toBeLessThan(500);
});
