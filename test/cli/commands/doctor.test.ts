import { describe, expect, it } from 'vitest';
import { temporaryPaths } from '../../client/fake-agent.ts';
import { sample } from '../samples.ts';
import { hotdesk } from '../shell.ts';
import { agentWith, cleanups } from './agent-with.ts';

describe('doctor', () => {
  const checks = (state: string) => ({
    checks: [{ name: 'avahi', state, detail: 'It is off.', hint: 'Switch it on.' }],
  });

  it('ends with 0 only if nothing failed', async () => {
    const warned = await (await agentWith({ doctor: checks('warning') })).run('doctor');
    expect(warned).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/warning +avahi +It is off\.\n +→ Switch it on\./u),
    });
    expect(await (await agentWith({ doctor: checks('failed') })).run('doctor alpha')).toMatchObject({
      code: 1,
    });
  });

  it('names commands by the path that works, where hotdesk is not in PATH', async () => {
    const failed = {
      checks: [{ name: 'login', state: 'failed', detail: 'No.', hint: 'Do `hotdesk trust alpha`.' }],
    };
    const around = { callName: './bin/hotdesk.js' };
    const { run } = await agentWith({ doctor: failed }, { ...sample(), sessions: [] });
    expect((await run('doctor alpha', around)).stdout).toContain('Do `./bin/hotdesk.js trust alpha`.');
    expect((await run('list nobody', around)).stderr).toContain('See `./bin/hotdesk.js hosts`');
    expect((await run('list', around)).stderr).toContain('Start one: `./bin/hotdesk.js start');
  });

  it('still says something when no agent can be started', async () => {
    const { paths, remove } = temporaryPaths();
    cleanups.push(remove);
    const { code, stdout } = await hotdesk(['doctor'], { paths, env: { PATH: '/nonexistent' } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAILED +agent +/u);
    expect(stdout).toMatch(/warning +tmux +not installed/u);
  });
});
