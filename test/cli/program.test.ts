import { describe, expect, it } from 'vitest';
import { ErrorJson } from '../../src/cli/json.ts';
import { agentWith, xterm } from './commands/agent-with.ts';

describe('errors', () => {
  it('give code, message, hint and candidates, to people and to scripts', async () => {
    const error = {
      code: 'ambiguous',
      message: 'Two of them.',
      hint: 'Say which.',
      candidates: ['a@x', 'a@y'],
    };
    const { run } = await agentWith({ info: { error } });
    const { code, stdout, stderr } = await run('info a --json');
    expect(code).toBe(3);
    expect(ErrorJson.parse(JSON.parse(stdout)).error).toEqual(error);
    expect(stderr).toBe('hotdesk: Two of them.\n  It could be: a@x, a@y\nSay which.\n');
  });

  it('show an application’s own words line by line, and not more than fit', async () => {
    const message = ['It ended at once.', ...Array.from({ length: 50 }, (_, i) => `line ${i}\u{1b}[2J`)].join(
      '\n',
    );
    const { run } = await agentWith({ info: { error: { code: 'application-exited', message } } });
    const { code, stderr } = await run('info a');
    expect(code).toBe(6);
    expect(stderr.split('\n').length).toBeLessThan(25);
    expect(stderr).toContain('  line 3 [2J');
  });

  it.each([
    ['lst', /Unknown command 'lst'\.\nDid you mean list\?/u],
    ['list --jsno', /Did you mean --json\?/u],
    ['profiles', /^hotdesk: Missing command of 'profiles'\.\nSee `hotdesk profiles --help`\.$/mu],
    ['attach', /Missing required argument 'session'\.\nSee `hotdesk attach --help`/u],
    ["attach ''", /^hotdesk: Nothing was given for 'session'\.\nSee `hotdesk attach --help`\.$/mu],
    ["list ''", /Nothing was given for 'host'/u],
    ["move xterm --to ''", /Nothing was given for 'to'/u],
    ['start alpha xterm -e top', /follow `--`/u],
    ['start alpha -k game', /app, desktop, terminal/u],
    ['start alpha -o =x', /NAME=VALUE/u],
  ])('`hotdesk %s` says what is wrong with it', async (line, expected) => {
    const { run, agent } = await agentWith({});
    const { code, stdout, stderr } = await run(line);
    expect(code).toBe(2);
    expect(stderr).toMatch(expected);
    expect(stdout).toBe('');
    expect(agent.received).toEqual([]);
  });

  it('of the command line are JSON too when asked for', async () => {
    const { run } = await agentWith({ start: { session: xterm } });
    expect(ErrorJson.parse(JSON.parse((await run('attach --json')).stdout)).error.code).toBe('bad-argument');
    // What follows `--` is the application's.
    expect((await run('start alpha -- x --json --nosuch')).stdout).toMatch(/^xterm runs on alpha/u);
  });
});

describe('help', () => {
  it('lists every command, and none that is hidden', async () => {
    const { run } = await agentWith({});
    const { code, stdout, stderr } = await run('');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of [
      'list',
      'hosts',
      'start',
      'attach',
      'detach',
      'move',
      'stop',
      'rename',
      'info',
      'thumbnail',
      'setup',
      'trust',
      'agent',
      'profiles',
      'doctor',
      'config',
      'completion',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'mu'));
    }
    expect(stdout).not.toContain('__complete');
    expect((await run('help move')).stdout).toBe((await run('move --help')).stdout);
    expect(await run('--version')).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  });

  it('has examples at every command', async () => {
    const { run } = await agentWith({});
    const { COMMANDS } = await import('../../src/cli/commands.ts');
    for (const { name, hidden } of COMMANDS) {
      if (!hidden) expect((await run(`${name} --help`)).stdout).toContain('Examples:');
    }
  });
});
