import { describe, expect, it } from 'vitest';
import type { FakeRequest } from '../../client/fake-agent.ts';
import { agentWith } from './agent-with.ts';

describe('hosts add and remove', () => {
  it('change the setting', async () => {
    const settings = [{ key: 'hosts', value: [{ name: 'nas', target: 'nas' }], default: [], doc: 'd' }];
    const set = ({ params }: FakeRequest) => ({ ...settings[0], value: JSON.parse(String(params.value)) });
    const { run, asked } = await agentWith({ 'config.list': { path: 'p', settings }, 'config.set': set });
    expect(await run('hosts add attic --ssh me@10.0.0.7')).toMatchObject({ code: 0 });
    expect(await run('hosts remove nas')).toMatchObject({ code: 0 });
    expect(await run('hosts remove attic')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('nas'),
    });
    const failed = await run('hosts remove attic --json');
    expect(JSON.parse(failed.stdout)).toMatchObject({ error: { candidates: ['nas'] } });
    expect(asked('config.set').map((p) => JSON.parse(String(p.value)))).toEqual([
      [
        { name: 'nas', target: 'nas' },
        { name: 'attic', target: 'me@10.0.0.7' },
      ],
      [],
    ]);
    for (const line of ['hosts add a --json', 'hosts --json add a', 'hosts remove nas --json']) {
      const { code, stdout, stderr } = await run(line);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({ version: 1, setting: { key: 'hosts' } });
    }
  });
});
