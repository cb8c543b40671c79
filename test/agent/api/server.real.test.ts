import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Handlers, serve } from '../../../src/agent/api/server.ts';
import { sleep } from '../../../src/kernel/abort.ts';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import { silentLogger } from '../../../src/kernel/log.ts';
import { Caller } from '../../../src/protocol/caller.ts';

let server: Server;
let aborted = 0;

const handlers = {
  'config.list': () => ({ path: '/c', settings: [] }),
  stop: async (_params: unknown, call: { signal: AbortSignal; progress: (t: string) => void }) => {
    call.progress('working');
    try {
      await sleep(10_000, call.signal);
    } catch (error) {
      aborted += 1;
      throw error;
    }
  },
  'agent.stop': () => {
    throw new HotdeskError('session-busy', 'no', { hint: 'wait' });
  },
} as unknown as Handlers;

beforeEach(async () => {
  aborted = 0;
  server = createServer((socket) => serve(socket, { hostId: 'H', host: 'h' }, handlers, silentLogger));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

function dial(): Promise<Socket> {
  const { port } = server.address() as { port: number };
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
  });
}

async function answersOf(text: string): Promise<Record<string, unknown>[]> {
  const socket = await dial();
  let out = '';
  socket.on('data', (c: Buffer) => {
    out += c.toString();
  });
  socket.end(text);
  await new Promise((resolve) => socket.once('close', resolve));
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('serve', () => {
  it('answers calls, and passes coded errors on', async () => {
    const caller = await Caller.open(await dial(), { role: 'client' });
    expect(caller.agent.hostId).toBe('H');
    await expect(caller.call('config.list', {})).resolves.toEqual({ path: '/c', settings: [] });
    await expect(caller.call('agent.stop', {})).rejects.toMatchObject({ code: 'session-busy', hint: 'wait' });
    caller.close();
  });

  it('reports progress, and stops what the caller cancels', async () => {
    const caller = await Caller.open(await dial(), { role: 'client' });
    const stop = new AbortController();
    const seen: string[] = [];
    const call = caller.call('stop', { ref: 'x' }, { signal: stop.signal, onProgress: (t) => seen.push(t) });
    setTimeout(() => stop.abort(), 100);
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toEqual(['working']);
    caller.close();
  });

  it('stops everything that a lost connection asked for', async () => {
    const caller = await Caller.open(await dial(), { role: 'client' });
    const call = caller.call('stop', { ref: 'x' });
    call.catch(() => {});
    await sleep(100);
    caller.close();
    for (let n = 0; n < 50 && aborted === 0; n += 1) await sleep(20);
    expect(aborted).toBe(1);
  });

  it('drops what is no hotdesk, with one clear error', async () => {
    expect((await answersOf('GET / HTTP/1.1\n\n')).at(-1)).toMatchObject({
      error: { code: 'protocol-error' },
    });
    expect((await answersOf('{"hotdesk":99,"version":"9","role":"client"}\n')).at(-1)).toMatchObject({
      error: { code: 'agent-version' },
    });
  });

  it('names a method or a parameter that it does not know', async () => {
    const hello = '{"hotdesk":1,"version":"0","role":"client"}\n';
    const [, unknown] = await answersOf(`${hello}{"id":1,"method":"constructor"}\n`);
    expect(unknown).toMatchObject({ id: 1, error: { code: 'protocol-error' } });
    const [, bad] = await answersOf(`${hello}{"id":2,"method":"stop","params":{"ref":5}}\n`);
    expect(bad).toMatchObject({ id: 2, error: { code: 'bad-argument' } });
  });
});
