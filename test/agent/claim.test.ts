/** Who grants a handover, and who is told of it. */
import { describe, expect, it } from 'vitest';
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
