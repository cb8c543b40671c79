import { chmodSync, renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type ConnectOptions, connect } from '../../src/client/client.ts';
import { MESSAGE_LIMIT } from '../../src/protocol/limits.ts';
import type { Paths } from '../../src/protocol/paths.ts';
import { until } from '../rigs/until.ts';
import { EMPTY, type FakeAgent, type FakeOptions, fakeAgent, HELLO, temporaryPaths } from './fake-agent.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function agentWith(options: FakeOptions): Promise<FakeAgent> {
  const agent = await fakeAgent(options);
  cleanups.push(() => agent.close());
  return agent;
}

async function join(paths: Paths, more: Partial<ConnectOptions> = {}) {
  const client = await connect({ paths, uid: process.getuid?.() ?? 0, start: 'never', ...more });
  cleanups.push(() => client.close());
  return client;
}

describe.each(['schemas', 'envelope'] as const)('a client that checks the %s', (checks) => {
  it('greets, calls and gets the result', async () => {
    const agent = await agentWith({ answer: ({ method }) => (method === 'catalogue' ? EMPTY : undefined) });
    const client = await join(agent.paths, { checks });
    expect(client.agent.host).toBe('here');
    expect(await client.call('catalogue', { look: 'none', waitMs: 0 })).toEqual(EMPTY);
    expect(agent.received[0]).toMatchObject({ role: 'client', hotdesk: 1 });
  });

  it('gives the agent’s errors with their code, hint and candidates', async () => {
    const error = { code: 'ambiguous', message: 'Two.', hint: 'Say which.', candidates: ['a', 'b'] };
    const agent = await agentWith({ answer: () => ({ error }) });
    const client = await join(agent.paths, { checks });
    await expect(client.call('stop', { ref: 'x' })).rejects.toMatchObject(error);
  });

  it('refuses a malformed snapshot', async () => {
    const agent = await agentWith({ answer: () => ({ ...EMPTY, sessions: 'none' }) });
    const client = await join(agent.paths, { checks });
    await expect(client.call('catalogue', { look: 'none', waitMs: 0 })).rejects.toMatchObject({
      code: 'protocol-error',
    });
  });

  it('tells progress and events', async () => {
    const agent = await agentWith({
      answer: ({ id, socket, method }) => {
        if (method === 'subscribe') return EMPTY;
        socket.write(`${JSON.stringify({ id, progress: 'half' })}\n`);
        return {};
      },
    });
    const client = await join(agent.paths, { checks });
    const seen: unknown[] = [];
    client.on('catalogue', (snapshot) => seen.push(snapshot.self));
    await client.call('subscribe', {});
    agent.broadcast({ event: 'catalogue', data: { ...EMPTY, self: 'other' } });
    agent.broadcast({ event: 'a-later-version', data: 1 });
    const stages: string[] = [];
    await client.call('agent.stop', {}, { onProgress: (text) => stages.push(text) });
    expect(stages).toEqual(['half']);
    expect(seen).toEqual(['other']);
  });

  it('hears what came before an answer before that answer, in order', async () => {
    const snapshot = (self: string) => ({ event: 'catalogue', data: { ...EMPTY, self } });
    const agent = await agentWith({
      answer: ({ socket }) => {
        for (const self of ['a', 'b']) socket.write(`${JSON.stringify(snapshot(self))}\n`);
        return EMPTY;
      },
    });
    const client = await join(agent.paths, { checks });
    const seen: string[] = [];
    client.on('catalogue', ({ self }) => seen.push(self));
    await client.call('subscribe', {});
    expect(seen).toEqual(['a', 'b']);
  });

  it('ends at a malformed event', async () => {
    const agent = await agentWith({ answer: () => EMPTY });
    const client = await join(agent.paths, { checks });
    const seen: unknown[] = [];
    client.on('catalogue', (data) => seen.push(data));
    const ended = new Promise((resolve) => client.onClose(resolve));
    agent.broadcast({ event: 'catalogue', data: { ...EMPTY, hosts: 'none' } });
    expect(await ended).toMatchObject({ code: 'protocol-error' });
    expect([client.closed, seen]).toEqual([true, []]);
  });

  it.each([
    ['another version', { hello: { ...HELLO, hotdesk: 99, version: '9.9.9' } }, 'agent-version'],
    ['something that is no agent', { hello: { ok: true } }, 'protocol-error'],
    ['garbage', { raw: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, 'protocol-error'],
    ['an endless line', { raw: Buffer.alloc(MESSAGE_LIMIT + 10, 'x') }, 'limit-exceeded'],
  ])('refuses %s', async (_, options, code) => {
    const agent = await agentWith(options);
    await expect(join(agent.paths, { checks })).rejects.toMatchObject({ code });
  });
});

describe('connecting', () => {
  it('says what comes first together with its greeting', async () => {
    const agent: FakeAgent = await agentWith({
      raw: '',
      answer: ({ method }) => {
        // Only now does it greet.
        if (method === 'seat.register') agent.broadcast(HELLO);
        return {};
      },
    });
    let registered: Promise<unknown> | undefined;
    await join(agent.paths, {
      first: (greeting) => {
        registered = greeting.call('seat.register', { id: ':0', kind: 'x11', env: {} });
      },
    });
    expect(await registered).toEqual({});
    expect(agent.received.map((message) => message.method)).toEqual([undefined, 'seat.register']);
  });

  it('names the cure for an agent of another version', async () => {
    const agent = await agentWith({ hello: { ...HELLO, hotdesk: 99 } });
    await expect(join(agent.paths)).rejects.toThrow(/API 99/u);
    await expect(join(agent.paths)).rejects.toMatchObject({
      hint: expect.stringContaining('hotdesk agent stop') as string,
    });
  });

  it('says that none runs: no folder, no socket, or one that a dead agent left', async () => {
    const { paths, remove } = temporaryPaths();
    cleanups.push(remove);
    await expect(join({ ...paths, runtimeDir: `${paths.runtimeDir}/none` })).rejects.toMatchObject({
      code: 'agent-unavailable',
    });
    await expect(join(paths)).rejects.toMatchObject({ code: 'agent-unavailable' });
    await leaveStaleSocket(paths.socket);
    await expect(join(paths)).rejects.toMatchObject({ code: 'agent-unavailable' });
  });

  it('does not go near a folder that others can write to', async () => {
    const agent = await agentWith({});
    chmodSync(agent.paths.runtimeDir, 0o777);
    await expect(join(agent.paths)).rejects.toMatchObject({ code: 'unsafe-file' });
  });

  it('does not go near a folder of somebody else', async () => {
    const agent = await agentWith({});
    await expect(join(agent.paths, { uid: 4_000_000 })).rejects.toMatchObject({ code: 'unsafe-file' });
  });
});

describe('a call under way', () => {
  it('fails when the agent goes away, and so does every later one', async () => {
    const agent = await agentWith({ answer: ({ socket }) => void socket.destroy() });
    const client = await join(agent.paths);
    await expect(client.call('status', {})).rejects.toMatchObject({ code: 'connection-lost' });
    await expect(client.call('status', {})).rejects.toMatchObject({ code: 'connection-lost' });
    expect(client.closed).toBe(true);
  });

  it('fails when the agent sends garbage in between', async () => {
    const agent = await agentWith({ answer: ({ socket }) => void socket.write('{"id":1,"re\u0000\n') });
    const client = await join(agent.paths);
    await expect(client.call('status', {})).rejects.toMatchObject({ code: 'protocol-error' });
  });

  it('is cancelled at the agent, and settles with the agent’s answer', async () => {
    const agent = await agentWith({});
    const client = await join(agent.paths);
    const stop = new AbortController();
    const call = client.call('stop', { ref: 'x' }, { signal: stop.signal });
    await until('the request', () => agent.received.some((m) => m.method === 'stop'));
    stop.abort();
    await until('the cancel', () => agent.received.some((m) => 'cancel' in m));
    agent.broadcast({ id: 1, error: { code: 'cancelled', message: 'Undone.' } });
    await expect(call).rejects.toMatchObject({ code: 'cancelled', message: 'Undone.' });
  });

  it('is not sent at all when it is cancelled already', async () => {
    const agent = await agentWith({});
    const client = await join(agent.paths);
    const late = client.call('stop', { ref: 'x' }, { signal: AbortSignal.abort() });
    await expect(late).rejects.toMatchObject({ code: 'cancelled' });
  });
});

/** What is left when a listening process is killed: a socket file that refuses. */
async function leaveStaleSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.old`, resolve));
  // Closing removes the name that was bound, not the one that it was moved to.
  renameSync(`${path}.old`, path);
  await new Promise((resolve) => server.close(resolve));
}
