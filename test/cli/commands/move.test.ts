import { describe, expect, it } from 'vitest';
import { agentWith, display, xterm } from './agent-with.ts';

describe('move', () => {
  it('move --to hands it to the agent alone', async () => {
    const { run, asked } = await agentWith({ move: { session: xterm } });
    expect((await run('move xterm --to gamma', display)).stdout).toBe('xterm@alpha is shown at gamma.\n');
    expect(asked('move')).toEqual([{ ref: 'xterm', options: {}, to: 'gamma' }]);
  });
});
