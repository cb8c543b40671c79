import { describe, expect, it } from 'vitest';
import { agentWith, xterm } from './agent-with.ts';

describe('rename', () => {
  const methods = { info: { session: xterm, facts: {} }, rename: { session: { ...xterm, name: 'report' } } };

  it('says how it is called then, and asks on a terminal alone', async () => {
    const { run, asked } = await agentWith(methods);
    expect(await run('rename xterm report')).toMatchObject({
      code: 0,
      stdout: 'It is called report on alpha now.\n',
    });
    expect(JSON.parse((await run('rename xterm report --json')).stdout)).toMatchObject({ version: 1 });
    expect(await run('rename xterm')).toMatchObject({ code: 2 });
    expect(asked('rename')).toHaveLength(2);
    expect(await run('rename xterm', { columns: 80, input: '\n' })).toMatchObject({ code: 130 });
    expect(await run('rename xt', { columns: 80, input: 'a b\n' })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('New name of xterm on alpha:'),
    });
    expect(asked('rename').at(-1)).toEqual({ ref: 'xpra:100@alpha', name: 'a b' });
  });
});
