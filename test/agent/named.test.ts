import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hostNamed, hostOfSession, sessionNamed } from '../../src/agent/named.ts';
import type { Host } from '../../src/model/host.ts';
import { HOST, sessionOf } from '../actions/fake-context.ts';

const rows = (hosts: readonly Host[], sessions = [sessionOf()]) => ({
  hosts: [...hosts],
  sessions,
  answerOf: new Map(),
});
const beta: Host = { ...HOST, key: 'B', name: 'beta', hostName: 'desk.local' };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('hostNamed', () => {
  const signal = new AbortController().signal;

  it('is there at once where it has been found', async () => {
    expect(
      await hostNamed(
        'alpha',
        () => rows([HOST]),
        () => false,
        signal,
      ),
    ).toBe(HOST);
  });

  it('is waited for as long as the agent is young', async () => {
    let hosts = [HOST];
    let isYoung = true;
    const found = hostNamed(
      'beta',
      () => rows(hosts),
      () => isYoung,
      signal,
    );
    await vi.advanceTimersByTimeAsync(500);
    hosts = [HOST, beta];
    await vi.advanceTimersByTimeAsync(50);
    expect(await found).toBe(beta);
    const never = hostNamed(
      'gamma',
      () => rows(hosts),
      () => isYoung,
      signal,
    );
    const refused = expect(never).rejects.toMatchObject({
      code: 'unknown-host',
      candidates: ['alpha', 'beta'],
    });
    isYoung = false;
    await vi.advanceTimersByTimeAsync(50);
    await refused;
  });

  it('waits for nobody where two are meant', async () => {
    const twin = { ...HOST, key: 'T' };
    const named = hostNamed(
      'alpha',
      () => rows([HOST, twin]),
      () => true,
      signal,
    );
    await expect(named).rejects.toMatchObject({ code: 'ambiguous' });
  });

  it('is waited for no longer than whoever asks', async () => {
    const stop = new AbortController();
    const named = hostNamed(
      'beta',
      () => rows([HOST]),
      () => true,
      stop.signal,
    );
    const refused = expect(named).rejects.toMatchObject({ code: 'cancelled' });
    stop.abort();
    await refused;
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('sessionNamed', () => {
  it('is known by every name of its host', () => {
    const there = sessionOf({ hostKey: 'B', host: 'beta', ref: 'xpra:100@beta' });
    const all = rows([HOST, beta], [sessionOf(), there]);
    expect(sessionNamed('xterm@desk.local', all)).toBe(there);
    expect(() => sessionNamed('xterm', all)).toThrow(expect.objectContaining({ code: 'ambiguous' }));
  });
});

describe('hostOfSession', () => {
  it('is the one that listed it, by its key and not by its name', () => {
    const other = { ...HOST, key: 'B' };
    expect(hostOfSession(sessionOf({ hostKey: 'B' }), rows([HOST, other]))).toBe(other);
    expect(() => hostOfSession(sessionOf({ hostKey: 'C' }), rows([HOST, other]))).toThrow(
      expect.objectContaining({ code: 'unknown-host', message: 'alpha is gone.' }),
    );
  });
});
