import { describe, expect, it } from 'vitest';
import { HostsJson, ListJson } from '../../../src/cli/json.ts';
import { COLOURS } from '../obeyed.ts';
import { host, sample, session } from '../samples.ts';
import { agentWith } from './agent-with.ts';

describe('list', () => {
  it('asks every host, or the one that is named', async () => {
    const { run, asked } = await agentWith({});
    expect((await run('list')).stdout).toContain('alpha  xterm  xpra');
    const one = await run('list gamma.local');
    expect(one.stdout).toContain('build');
    expect(one.stdout).not.toContain('xterm');
    expect(asked('catalogue')).toMatchObject([{ look: 'auto' }, { look: 'auto', host: 'gamma.local' }]);
  });

  it('has the JSON that is documented', async () => {
    const { run } = await agentWith({});
    const { stdout, stderr } = await run('list --json');
    expect(ListJson.parse(JSON.parse(stdout)).sessions.map((s) => s.ref)).toEqual([
      'xpra:100@alpha',
      'tmux:3@gamma',
    ]);
    expect(stderr).toBe('');
    const { hosts } = HostsJson.parse(JSON.parse((await run('hosts --json')).stdout));
    expect(hosts.map((h) => h.name)).toEqual(['here', 'alpha', 'gamma']);
  });

  it('says what to try when there is nothing', async () => {
    const { run } = await agentWith({}, sample({ sessions: [] }));
    expect(await run('list')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('hotdesk start'),
    });
    expect(await run('list -q')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('fits the terminal, and colours only there', async () => {
    const long = session('n'.repeat(100), 'alpha', { title: 't' });
    const { run } = await agentWith({}, sample({ sessions: [long] }));
    const narrow = await run('list', { columns: 40 });
    const plain = narrow.stdout.split('\n').map((line) => line.replaceAll(COLOURS, ''));
    expect(Math.max(...plain.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(narrow.stdout).toContain('\u{1b}[1m');
    const colourless = await run('list', { columns: 40, env: { NO_COLOR: '1' } });
    expect(colourless.stdout).not.toContain('\u{1b}');
    expect((await run('list')).stdout).toContain('n'.repeat(100));
  });

  it('names the hosts there are when none has that name', async () => {
    const { run } = await agentWith({});
    const { code, stderr } = await run('list nosuch');
    expect(code).toBe(3);
    expect(stderr).toContain('There is: here, alpha, gamma');
  });
});

it('a name that needs a newer alphabet is a name', async () => {
  const { run } = await agentWith({}, sample({ hosts: [host('здесь', { key: 'k-here' })], sessions: [] }));
  expect((await run('list')).stderr).toContain('hotdesk start здесь');
});
