import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  it('checks no more of a file than the agent takes, and waits for no pipe', async () => {
    const profile = { name: 'mine', title: 'Mine', file: '', kinds: [], can: ['start'], steals: 'shares' };
    const { run, asked } = await agentWith({ 'profiles.check': { profile } });
    const cwd = mkdtempSync(join(tmpdir(), 'hd-profiles-'));
    try {
      writeFileSync(join(cwd, 'huge.yaml'), 'x'.repeat(10_000_000));
      execFileSync('mkfifo', [join(cwd, 'pipe.yaml')]);
      await run('profiles check huge.yaml', { cwd });
      expect(String(asked('profiles.check')[0]?.text).length).toBeLessThan(1_000_000);
      for (const [file, said] of [
        ['pipe.yaml', 'pipe.yaml is no file.'],
        ['mine', 'mine is not there.\nGive the file, such as '],
      ] as const) {
        expect(await run(`profiles check ${file}`, { cwd })).toMatchObject({
          code: 2,
          stderr: expect.stringContaining(said),
        });
      }
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });

  it('says that a profile has no options, or why nobody knows them', async () => {
    const profile = { name: 'mine', title: 'Mine', file: '', kinds: [], can: [], steals: 'shares' };
    const good = await agentWith({ 'profiles.show': { profile, text: '', options: [] } });
    expect(await good.run('profiles show mine --options')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'mine declares no options.\n',
    });
    const problem = { code: 'bad-profile', message: 'mine.yaml: kinds: array was expected.' };
    const broken = await agentWith({
      'profiles.show': { profile: { ...profile, problem }, text: '', options: [] },
    });
    expect(await broken.run('profiles show mine --options')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(problem.message),
    });
  });
});
