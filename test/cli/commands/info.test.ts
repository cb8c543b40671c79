import { describe, expect, it } from 'vitest';
import { infoRows } from '../../../src/cli/commands/info.ts';
import { sample, session } from '../samples.ts';
import { agentWith, xterm } from './agent-with.ts';

describe('infoRows', () => {
  const rows = (part: Parameters<typeof session>[2], facts: Record<string, string> = {}) =>
    Object.fromEntries(infoRows({ session: session('xterm', 'alpha', part), facts }, sample(), 4000));

  it('has what is known, and no row for the rest', () => {
    expect(rows({ startedAt: 400, windows: 0, watchers: [] })).toMatchObject({
      ...{ age: '1h', windows: '0', 'shown at': 'nowhere' },
    });
    expect(rows({})).not.toHaveProperty('title');
  });

  it('what a backend says of itself comes last, and can stand for nothing that hotdesk says', () => {
    const all = rows({}, { name: 'another', state: 'fine', encoding: 'h264' });
    expect(all).toMatchObject({ name: 'xterm', state: 'live', encoding: 'h264' });
    expect(Object.keys(all).at(-1)).toBe('encoding');
  });
});

it('info is the session and its facts, to people and to scripts', async () => {
  const { run } = await agentWith({ info: { session: xterm, facts: { encoding: 'h264' } } });
  expect((await run('info xterm')).stdout).toMatch(/^encoding +h264$/mu);
  expect(JSON.parse((await run('info xterm --json')).stdout)).toMatchObject({
    session: { ref: xterm.ref },
    facts: { encoding: 'h264' },
  });
});
