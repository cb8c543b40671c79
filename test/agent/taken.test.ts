import { describe, expect, it } from 'vitest';
import { settleTaken, type TakenDeps } from '../../src/agent/taken.ts';
import type { EventData } from '../../src/protocol/api.ts';

type Taken = EventData<'handover'>;
const taken: Taken = { backend: 'xpra', localId: '100', by: { hostId: 'h3', host: 'h3' }, phase: 'begin' };

/** @param looks what the host says at each look */
function seat(looks: readonly (number | 'gone' | undefined)[], isShown = false) {
  const left = [...looks];
  const settled: string[] = [];
  let open: readonly Taken[] = [taken];
  const deps: TakenDeps = {
    taken: () => open,
    isShown: () => isShown,
    watchers: async () => left.shift(),
    settle: (_host, { phase }) => void settled.push(phase),
    sleep: async () => {},
  };
  return { deps, settled, left, hear: (...later: Taken[]) => (open = later) };
}

describe('settleTaken', () => {
  it('takes the session back when the host has nobody for two looks', async () => {
    const { deps, settled, left } = seat([1, 0, undefined, 0, 1]);
    await settleTaken(deps, 'h2');
    expect(settled).toEqual(['failed']);
    expect(left).toEqual([1]);
  });

  it('waits for a viewer that is a moment late', async () => {
    const { deps, settled } = seat([0, 1, 0, ...Array<number>(60).fill(1)]);
    await settleTaken(deps, 'h2');
    expect(settled).toEqual(['done']);
  });

  it('leaves a later handover of the same session to whoever began that', async () => {
    const { deps, settled, left, hear } = seat([0, 0, 0]);
    const watchers = async () => {
      hear({ ...taken });
      return left.shift();
    };
    await settleTaken({ ...deps, watchers }, 'h2');
    expect(settled).toEqual([]);
    expect(left).toEqual([0, 0]);
  });

  it('leaves open what is still shown here', async () => {
    const { deps, settled } = seat(Array<number>(60).fill(1), true);
    await settleTaken(deps, 'h2');
    expect(settled).toEqual(['failed']);
  });

  it('gives up on a session that is gone, and on a host that never answers', async () => {
    const gone = seat([1, 'gone', 0, 0]);
    await settleTaken(gone.deps, 'h2');
    expect(gone.settled).toEqual(['done']);
    const silent = seat([]);
    await settleTaken(silent.deps, 'h2');
    expect(silent.settled).toEqual(['done']);
  });

  it("does nothing once the host's own word has come", async () => {
    const { deps, settled, hear } = seat([0, 0, 0]);
    const settling = settleTaken(deps, 'h2');
    hear();
    await settling;
    expect(settled).toEqual([]);
  });
});
