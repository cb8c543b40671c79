import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { answers, inodeOf, listenAlone } from '../../src/agent/socket.ts';

const folder = mkdtempSync(join(tmpdir(), 'hotdesk-socket-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('listenAlone', () => {
  it('listens for this user only, and finds the one that is there', async () => {
    const path = join(folder, 'a.sock');
    const server = await listenAlone(path, (socket) => socket.end());
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await expect(listenAlone(path, () => {})).rejects.toMatchObject({ code: 'agent-busy' });
    expect(await answers(path)).toBe(true);
    await new Promise((resolve) => server.close(resolve));
  });

  it('takes over the socket of an agent that was killed', async () => {
    const path = join(folder, 'b.sock');
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(inodeOf(path)).toBeDefined();
    const server = await listenAlone(path, (socket) => socket.end());
    expect(await answers(path)).toBe(true);
    await new Promise((resolve) => server.close(resolve));
  });

  it('lets one of many that start at once win', async () => {
    const path = join(folder, 'c.sock');
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => listenAlone(path, (s) => s.end())),
    );
    const won = tries.flatMap((t) => (t.status === 'fulfilled' ? [t.value] : []));
    expect(won).toHaveLength(1);
    await Promise.all(won.map((server) => new Promise((resolve) => server.close(resolve))));
  });
});
