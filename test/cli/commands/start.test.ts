import { describe, expect, it } from 'vitest';
import { ActionJson } from '../../../src/cli/json.ts';
import { agentWith, build, display, viewer, xterm } from './agent-with.ts';

describe('start', () => {
  it('shows the application at this seat', async () => {
    const { run, asked } = await agentWith({ start: { session: xterm, viewer, timings: { shown: 5 } } });
    const { stdout, stderr } = await run('start alpha -v -o quality=80 -- xterm -e top', display);
    expect(asked('start')).toEqual([
      {
        host: 'alpha',
        command: ['xterm', '-e', 'top'],
        options: { quality: '80' },
        attach: true,
        seat: ':7',
      },
    ]);
    expect(stdout).toContain('is shown here');
    expect(stderr).toContain('shown 5 ms');
    const json = ActionJson.parse(JSON.parse((await run('start alpha --json -- xterm', display)).stdout));
    expect(json).toMatchObject({ session: { ref: 'xpra:100@alpha' }, viewer: { seat: ':7' } });
  });

  it('starts it only, without a seat or with --no-attach, and says how to see it', async () => {
    const { run, asked } = await agentWith({ start: { session: xterm } });
    expect((await run('start alpha -- xterm')).stdout).toContain('hotdesk attach xterm@alpha');
    await run('start alpha --no-attach --backend tmux --name build --cwd /srv -- make', display);
    expect(asked('start')).toMatchObject([
      { attach: false },
      { attach: false, backend: 'tmux', name: 'build', cwd: '/srv' },
    ]);
    expect(asked('start')[1]).not.toHaveProperty('seat');
  });

  it('keeps a terminal session for the terminal, with a display too', async () => {
    const profiles = [
      { name: 'tmux', title: 't', file: 'f', kinds: ['terminal'], can: ['start'], steals: 'shares' },
    ];
    const { run, asked } = await agentWith({ start: { session: build }, 'profiles.list': { profiles } });
    await run('start alpha --backend tmux -- make', { ...display, columns: 80 });
    await run('start alpha', { ...display, columns: 80 });
    await run('start alpha -- xterm', { ...display, columns: 80 });
    expect(asked('start').map((p) => p.seat)).toEqual([undefined, undefined, ':7']);
    expect(asked('start').every((p) => p.attach)).toBe(true);
  });
});
