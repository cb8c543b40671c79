import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryPaths } from '../../client/fake-agent.ts';
import { hotdesk } from '../shell.ts';
import { cleanups } from './agent-with.ts';

describe('agent', () => {
  it('status and stop never start one', async () => {
    const { paths, remove } = temporaryPaths();
    cleanups.push(remove);
    expect(await hotdesk(['agent', 'status'], { paths })).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('No agent'),
    });
    expect(await hotdesk(['agent', 'stop'], { paths })).toMatchObject({
      code: 0,
      stdout: 'No agent was running.\n',
    });
    expect(existsSync(paths.log)).toBe(false);
  });

  it('log shows the JSON lines of the agent for people, and hides what a terminal obeys', async () => {
    const { paths, folder, remove } = temporaryPaths();
    cleanups.push(remove);
    const line = { level: 40, time: '2026-01-01T00:00:00Z', msg: 'odd\u{1b}[2J name', host: 'x', n: 1 };
    const file = join(folder, 'log');
    writeFileSync(file, `{}\n${JSON.stringify(line)}\nplain\n`);
    const { stdout } = await hotdesk(['agent', 'log', '-n', '2'], { paths: { ...paths, log: file } });
    expect(stdout).toBe('2026-01-01T00:00:00Z warn  odd [2J name host=x n=1\nplain\n');
    expect(await hotdesk(['agent', 'log', '-n', 'x'], { paths })).toMatchObject({ code: 2 });
  });
});
