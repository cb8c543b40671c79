import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { agentWith } from './agent-with.ts';

describe('profiles', () => {
  it('writes a profile to begin with, and none over another', async () => {
    const { run } = await agentWith({ 'profiles.list': { profiles: [] } });
    const made = await run('profiles new mine --json');
    expect(made.code).toBe(0);
    const { file } = JSON.parse(made.stdout) as { file: string };
    expect(readFileSync(file, 'utf8')).toContain('name: mine\n');
    expect(await run('profiles new mine')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('already'),
    });
    expect((await run('profiles new ../x')).code).toBe(2);
  });

  it('tests a profile, and fails where a step did', async () => {
    const steps = [
      { step: 'detect', state: 'ok', detail: '1.2', ms: 10 },
      { step: 'start', state: 'failed', detail: 'No display is free.', ms: 2340 },
    ];
    const { run, asked } = await agentWith({ 'profiles.list': { profiles: [] }, 'profiles.test': { steps } });
    const { code, stdout } = await run('profiles test vnc --host alpha -- xterm');
    expect(code).toBe(1);
    expect(stdout).toMatch(/start +failed +2\.3 s +No display is free\./u);
    expect(asked('profiles.test')[0]).toMatchObject({
      name: 'vnc',
      host: 'alpha',
      command: ['xterm'],
    });
  });
});
