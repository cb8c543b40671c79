import { describe, expect, it } from 'vitest';
import { mergeWatchers, otherViewers, whoWatches } from '../../src/agent/announced.ts';

describe('mergeWatchers', () => {
  it('joins what the backend sees with what the seats say', () => {
    expect(mergeWatchers([{ host: 'h1' }], [{ viewerId: 'v', hostId: 'H1', host: 'h1' }])).toEqual([
      { viewerId: 'v', hostId: 'H1', host: 'h1' },
    ]);
  });

  it('keeps a stranger that only the backend sees, and a viewer too new for the listing', () => {
    expect(mergeWatchers([{ host: 'laptop' }, {}], [{ viewerId: 'v', host: 'h1' }])).toEqual([
      { host: 'laptop' },
      {},
      { viewerId: 'v', host: 'h1' },
    ]);
  });

  it('matches by the id of the viewer before its host', () => {
    const merged = mergeWatchers(
      [{ viewerId: 'b', host: 'h1' }, { host: 'h1' }],
      [
        { viewerId: 'a', host: 'h1' },
        { viewerId: 'b', host: 'h1' },
      ],
    );
    expect(merged.map((w) => w.viewerId)).toEqual(['b', 'a']);
  });

  it('counts nobody twice where the backend tells no names', () => {
    const ours = [{ viewerId: 'v', host: 'h1' }];
    expect(mergeWatchers([{}], ours)).toEqual(ours);
    expect(mergeWatchers([{}, {}], ours)).toEqual([...ours, {}]);
  });
});

describe('whoWatches', () => {
  const known = [{ viewerId: 'v', host: 'h1' }];

  it('puts names to those that are only counted, and to no more', () => {
    expect(whoWatches([{}], known)).toEqual(known);
    expect(whoWatches([{}, {}], known)).toEqual([...known, {}]);
    expect(whoWatches([], known)).toEqual([]);
  });

  it('believes a backend that tells', () => {
    expect(whoWatches([{ host: 'h2' }], known)).toEqual([{ host: 'h2' }]);
  });
});

describe('otherViewers', () => {
  const vnc = { viewerId: 'a', backend: 'vnc', localId: '300' };
  const tmux = { viewerId: 'b', backend: 'tmux', localId: '0' };

  it('names the backends of what came, went or leads elsewhere, and of nothing else', () => {
    expect([...otherViewers([], [vnc])]).toEqual(['vnc']);
    expect([...otherViewers([vnc, tmux], [tmux])]).toEqual(['vnc']);
    expect([...otherViewers([vnc, tmux], [{ ...vnc, localId: '301' }, tmux])]).toEqual(['vnc']);
    expect([...otherViewers([vnc], [tmux])].sort()).toEqual(['tmux', 'vnc']);
    expect([...otherViewers([vnc, tmux], [tmux, vnc])]).toEqual([]);
  });
});
