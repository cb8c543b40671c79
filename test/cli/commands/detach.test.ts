import { expect, it } from 'vitest';
import { ActionJson } from '../../../src/cli/json.ts';
import { agentWith, xterm } from './agent-with.ts';

it('closes its viewers, and says how to show it again', async () => {
  const { run, asked } = await agentWith({ detach: { session: xterm } });
  const { code, stdout } = await run('detach xterm');
  expect(code).toBe(0);
  expect(stdout).toContain('xterm goes on at alpha without a viewer');
  expect(stdout).toContain('`hotdesk attach xterm@alpha`');
  expect(asked('detach')).toEqual([{ ref: 'xterm' }]);
  const { session } = ActionJson.parse(JSON.parse((await run('detach xterm --json')).stdout));
  expect(session.ref).toBe(xterm.ref);
});
