import { describe, expect, it } from 'vitest';
import { agentWith } from './agent-with.ts';

describe('config', () => {
  it('gets parts of a setting by dots', async () => {
    const settings = [{ key: 'profileOptions', value: { xpra: { speaker: true } }, default: {}, doc: 'd' }];
    const { run } = await agentWith({ 'config.list': { path: 'p', settings } });
    expect((await run('config get profileOptions.xpra.speaker')).stdout).toBe('true\n');
    expect((await run('config get profileOptions')).stdout).toBe('{"xpra":{"speaker":true}}\n');
    expect(await run('config get nosuch')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('profileOptions'),
    });
  });
});
