import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '../../src/ssh/ssh.ts';
import { listens } from '../rigs/listens.ts';
import { type Sshd, startSshd } from '../rigs/sshd/sshd.ts';
import { until } from '../rigs/until.ts';

let sshd: Sshd;
let pool: Pool | undefined;
let agent: ChildProcess | undefined;

afterEach(async () => {
  await pool?.close();
  agent?.kill();
  await sshd.stop();
});

async function serve(config: readonly string[] = []) {
  sshd = await startSshd({ config });
  const socket = join(sshd.dir, 'agent.sock');
  agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  await until('the agent', () => listens(socket));
  execFileSync('ssh-add', ['-q', sshd.keyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  pool = createPool({ ...sshd.environment, env: { ...sshd.environment.env, SSH_AUTH_SOCK: socket } });
  return { pool, target: { name: sshd.host, port: sshd.port } };
}

const shown = 'ssh-add -L || echo "none: $SSH_AUTH_SOCK"';

describe('the ssh-agent', () => {
  test('is passed on where it is asked for, to every session of the connection', async () => {
    const { pool: mine, target } = await serve();
    const connection = await mine.connect(target, { forwardAgent: true });
    expect(connection.login.forwardsAgent).toBe(true);
    const runs = await Promise.all([1, 2].map(() => connection.exec(['sh', '-c', shown])));
    for (const { stdout } of runs) expect(stdout.toString()).toMatch(/^ssh-ed25519 /u);
    const pty = await connection.pty(['ssh-add', '-L'], { term: 'xterm', columns: 200, rows: 20 });
    const chunks: Buffer[] = [];
    pty.stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(pty.stream, 'end');
    expect(Buffer.concat(chunks).toString()).toContain('ssh-ed25519 ');
  });

  test('stays here else, whatever ssh_config says', async () => {
    const { pool: mine, target } = await serve();
    sshd.configure(['ForwardAgent yes']);
    const connection = await mine.connect(target);
    expect(connection.login.forwardsAgent).toBe(false);
    expect((await connection.exec(['sh', '-c', shown])).stdout.toString()).toContain('none: ');
    // One with and one without are two connections.
    expect(await mine.connect(target, { forwardAgent: true })).not.toBe(connection);
    expect((await connection.exec(['sh', '-c', shown])).stdout.toString()).toContain('none: ');
  });

  test.each([
    ['AllowAgentForwarding no', ['AllowAgentForwarding no']],
    ['MaxSessions 1', ['MaxSessions 1', 'AllowAgentForwarding no']],
  ])('that sshd refuses (%s) is no failure', async (_title, config) => {
    const { pool: mine, target } = await serve(config);
    const connection = await mine.connect(target, { forwardAgent: true });
    expect(connection.login.forwardsAgent).toBe(false);
    expect((await connection.exec(['sh', '-c', shown])).stdout.toString()).toContain('none: ');
  });
});
