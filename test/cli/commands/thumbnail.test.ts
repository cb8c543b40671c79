import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryPaths } from '../../client/fake-agent.ts';
import { session } from '../samples.ts';
import { agentWith, build, cleanups } from './agent-with.ts';

describe('thumbnail', () => {
  it('writes a picture, never over another file unasked', async () => {
    const { folder, remove } = temporaryPaths();
    cleanups.push(remove);
    const named = session('../e vil', 'alpha');
    const { run } = await agentWith({
      thumbnail: { session: named, png: Buffer.from('png!').toString('base64') },
    });
    expect(await run('thumbnail x', { cwd: folder })).toMatchObject({ code: 0, stdout: 'e-vil.png\n' });
    expect(readFileSync(join(folder, 'e-vil.png'), 'utf8')).toBe('png!');
    expect(await run('thumbnail x', { cwd: folder })).toMatchObject({ code: 2 });
    expect(await run('thumbnail x --force', { cwd: folder })).toMatchObject({ code: 0 });
    expect(await run('thumbnail x -O -')).toMatchObject({ stdout: 'png!' });
    expect(existsSync(join(folder, '..', 'e-vil.png'))).toBe(false);
  });

  it('prints a terminal’s screen, its colours only on a terminal', async () => {
    const { run } = await agentWith({
      thumbnail: { session: build, text: '\u{1b}[31mred\u{1b}[0m\u{1b}[2J\n\n' },
    });
    expect((await run('thumbnail build')).stdout).toBe('red [2J\n');
    expect((await run('thumbnail build', { columns: 80 })).stdout).toBe('\u{1b}[31mred\u{1b}[0m [2J\n');
  });
});
