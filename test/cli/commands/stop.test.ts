import { describe, expect, it } from 'vitest';
import { ErrorJson } from '../../../src/cli/json.ts';
import { agentWith, xterm } from './agent-with.ts';

describe('stop', () => {
  const methods = { info: { session: xterm, facts: {} }, stop: { session: xterm } };

  it('wants --yes where nobody can be asked', async () => {
    const { run, asked } = await agentWith(methods);
    expect(await run('stop xterm')).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    const json = await run('stop xterm --json', { columns: 80 });
    expect(ErrorJson.parse(JSON.parse(json.stdout)).error.code).toBe('confirmation-needed');
    expect(asked('stop')).toEqual([]);
    expect(await run('stop xterm --yes')).toMatchObject({ code: 0, stdout: 'xterm on alpha has ended.\n' });
  });

  it('asks on a terminal, and takes only a yes for a yes', async () => {
    const { run, asked } = await agentWith(methods);
    for (const input of ['n\n', '\n', 'yep\n']) {
      expect(await run('stop xterm', { columns: 80, input })).toMatchObject({ code: 130 });
    }
    expect(asked('stop')).toEqual([]);
    expect(await run('stop xt', { columns: 80, input: 'y\n' })).toMatchObject({ code: 0 });
    // The session that was asked about, not whatever the prefix means by now.
    expect(asked('stop')).toEqual([{ ref: 'xpra:100@alpha' }]);
  });
});
