/** An ssh-agent with keys that no server knows. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listens } from '../listens.ts';
import { keygen } from '../sshd/sshd.ts';
import { until } from '../until.ts';

export interface Agent {
  readonly socket: string;
  stop(): void;
}

export async function startAgent(keys: number): Promise<Agent> {
  const dir = mkdtempSync(join(tmpdir(), 'hd-agent-'));
  const socket = join(dir, 'socket');
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  await until('the ssh-agent listens', () => listens(socket));
  for (let i = 0; i < keys; i += 1) {
    const file = join(dir, `key${i}`);
    keygen(file, 'ed25519');
    execFileSync('ssh-add', ['-q', file], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: 'ignore',
    });
  }
  return {
    socket,
    stop: () => {
      child.kill();
      rmSync(dir, { recursive: true });
    },
  };
}
