import { describe, expect, it } from 'vitest';
import { agentWith, display, xterm } from './agent-with.ts';

describe('migrate', () => {
  it('says where it runs now, and what did not go as it should', async () => {
    const { run, asked } = await agentWith({ migrate: { session: xterm, why: 'It is not shown at beta.' } });
    const done = await run('migrate xterm --to alpha --limit 0.5', display);
    expect(done).toMatchObject({ code: 0, stdout: `xterm runs on alpha now (${xterm.ref}).\n` });
    expect(done.stderr).toContain('It is not shown at beta.');
    expect(asked('migrate')).toEqual([{ ref: 'xterm', to: 'alpha', relaunch: false, limit: 500_000 }]);
  });

  it('--relaunch is shown here, and names what goes on', async () => {
    const { run, asked } = await agentWith({ migrate: { session: xterm } });
    const { stdout } = await run('migrate other --to alpha --relaunch', display);
    expect(stdout).toContain('hotdesk stop other');
    expect(asked('migrate')).toEqual([{ ref: 'other', to: 'alpha', relaunch: true, seat: ':7' }]);
  });

  it('refuses what makes no sense', async () => {
    const { run, asked } = await agentWith({ migrate: { session: xterm } });
    expect((await run('migrate xterm')).code).toBe(2);
    expect((await run('migrate xterm --to alpha --limit fast')).code).toBe(2);
    expect((await run('migrate xterm --to alpha --limit 1 --relaunch', display)).code).toBe(2);
    expect(asked('migrate')).toEqual([]);
  });
});
