import { describe, expect, it } from 'vitest';
import { agentWith } from './agent-with.ts';

describe('setup', () => {
  it('knows its steps, and says so in its help', async () => {
    const { run } = await agentWith({});
    const { stdout } = await run('setup --help');
    expect(stdout).toContain('Steps: machine, host, trust, login, key, backends, agent, proof.');
    expect(stdout).toContain('hotdesk setup --undo alpha');
    expect(await run('setup alpha --skip machine --skip nonsense')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no step “nonsense”[\s\S]*There is: machine, host/u),
    });
  });

  it('asks nobody where nobody is, and takes no half a fingerprint', async () => {
    const { run } = await agentWith({});
    expect(await run('setup --undo')).toMatchObject({ code: 2 });
    expect(await run('setup alpha --host-key SHA256:abc')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--host-key takes a SHA256 fingerprint'),
    });
    expect(await run('setup alpha --password-stdin --yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no password on standard input'),
    });
  });
});
