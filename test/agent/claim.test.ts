/** Who grants a handover, and who is told of it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClaimDeps, claimAt } from '../../src/agent/claim.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { HOST, sessionOf } from '../actions/fake-context.ts';

const me = { hostId: 'ME', host: 'me' };
const asked = { hostId: 'C', host: 'gamma' };
const signal = new AbortController().signal;
const session = sessionOf();
const what = { backend: 'xpra', localId: '100' };

function rig(part: { hasAgent?: boolean; refusal?: HotdeskError } = {}) {
  const log: unknown[][] = [];
  const note = (...words: unknown[]) => {
    log.push(words);
    if (part.refusal) throw part.refusal;
    return 'T';
  };
  const peer = { call: async (...words: unknown[]) => ({ token: note(...words) }) };
  const deps = {
    me,
    handovers: {
      begin: (...words: unknown[]) => note('begin', ...words),
      end: (...words: unknown[]) => void note('end', ...words),
    },
    viewers: { onHandover: (...words: unknown[]) => void note(...words) },
    connected: async () => ({ peer: part.hasAgent === false ? undefined : peer }),
  } as unknown as ClaimDeps;
  return { log, deps };
}

describe('claimAt', () => {
  it('a session of this machine is granted here, to whoever wants it', async () => {
    const { log, deps } = rig();
    const handover = await claimAt({ ...HOST, state: 'local' }, session, deps, signal, asked);
    await handover.end(true);
    await handover.end(false);
    expect(log).toEqual([
      ['begin', what, me, asked],
      ['end', 'T', true],
      ['end', 'T', false],
    ]);
  });

  it('one of another host is granted by its agent, who hears no more of it than its name and who we are', async () => {
    const { log, deps } = rig();
    const handover = await claimAt(HOST, session, deps, signal, asked);
    await handover.end(false);
    expect(log).toEqual([
      ['handover.begin', { ...what, by: me, asked }, { signal }],
      ['handover.end', { token: 'T', ok: false }],
    ]);
  });

  it.each([
    ['here', 'local'],
    ['there', 'agent'],
  ] as const)('what is refused %s is refused', async (_where, state) => {
    const refusal = new HotdeskError('session-busy', 'Somebody else takes it.');
    const { log, deps } = rig({ refusal });
    await expect(claimAt({ ...HOST, state }, session, deps, signal)).rejects.toBe(refusal);
    expect(log).toHaveLength(1);
  });

  it.each([
    ['done', true],
    ['failed', false],
  ] as const)(
    'without an agent there our own viewers are told that it has begun, and is %s',
    async (phase, ok) => {
      const { log, deps } = rig({ hasAgent: false });
      const handover = await claimAt(HOST, session, deps, signal);
      expect(log).toEqual([['A', { ...what, by: me, phase: 'begin' }]]);
      await handover.end(ok);
      expect(log.slice(1)).toEqual([['A', { ...what, by: me, phase }]]);
    },
  );
});

describe('an agent that is stopped', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Answers what it is asked when the test has it do so; what it is told at the end at once, or never. */
  function hung(endsToo = false) {
    const { log, deps } = rig();
    const begin = { resolve: (_granted: { token: string }) => {}, reject: (_why: Error) => {} };
    const begun = new Promise<{ token: string }>((resolve, reject) =>
      Object.assign(begin, { resolve, reject }),
    );
    const call = (...words: unknown[]) => {
      log.push(words);
      if (words[0] === 'handover.begin') return begun;
      return endsToo ? new Promise(() => {}) : Promise.resolve({});
    };
    return {
      log,
      begin,
      deps: { ...deps, connected: async () => ({ peer: { call } }) } as unknown as ClaimDeps,
    };
  }
  const alone = (phase: string) => ['A', { ...what, by: me, phase }];

  it('is not waited for: our own viewers are told, as without one', async () => {
    const { log, deps } = hung();
    const claim = claimAt(HOST, session, deps, signal);
    await vi.advanceTimersByTimeAsync(5000);
    const handover = await claim;
    expect(log.slice(1)).toEqual([alone('begin')]);
    await handover.end(true);
    expect(log.slice(2)).toEqual([alone('done')]);
  });

  it('that goes on meanwhile is told how it ended', async () => {
    const { log, deps, begin } = hung();
    const claim = claimAt(HOST, session, deps, signal);
    await vi.advanceTimersByTimeAsync(5000);
    const handover = await claim;
    begin.resolve({ token: 'T' });
    await vi.advanceTimersByTimeAsync(0);
    await handover.end(true);
    expect(log.slice(2)).toEqual([alone('done'), ['handover.end', { token: 'T', ok: true }]]);
  });

  it.each([true, false])(
    'that goes on afterwards is told how it ended (%s), which closes no new viewer',
    async (ok) => {
      const { log, deps, begin } = hung();
      const claim = claimAt(HOST, session, deps, signal);
      await vi.advanceTimersByTimeAsync(5000);
      await (await claim).end(ok);
      begin.resolve({ token: 'T' });
      await vi.advanceTimersByTimeAsync(0);
      expect(log.slice(3)).toEqual([alone('failed'), ['handover.end', { token: 'T', ok }]]);
    },
  );

  it('that refuses afterwards, or ends, is nothing more', async () => {
    const { log, deps, begin } = hung();
    const claim = claimAt(HOST, session, deps, signal);
    await vi.advanceTimersByTimeAsync(5000);
    const handover = await claim;
    begin.reject(new HotdeskError('connection-lost', 'gone'));
    await vi.advanceTimersByTimeAsync(0);
    await handover.end(false);
    expect(log.slice(2)).toEqual([alone('failed')]);
  });

  it('keeps nobody who stops, and gets back what it grants later', async () => {
    const { log, deps, begin } = hung();
    const stop = new AbortController();
    const claim = claimAt(HOST, session, deps, stop.signal);
    const stopped = expect(claim).rejects.toMatchObject({ code: 'cancelled' });
    await vi.advanceTimersByTimeAsync(0);
    stop.abort();
    await stopped;
    begin.resolve({ token: 'T' });
    await vi.advanceTimersByTimeAsync(0);
    expect(log.slice(1)).toEqual([['handover.end', { token: 'T', ok: false }]]);
  });

  it('after it has granted is not waited for at the end', async () => {
    const { deps, begin } = hung(true);
    begin.resolve({ token: 'T' });
    const handover = await claimAt(HOST, session, deps, signal);
    const ended = expect(handover.end(true)).rejects.toMatchObject({ code: 'timeout' });
    await vi.advanceTimersByTimeAsync(5000);
    await ended;
  });
});
