/** ProxyCommand (ssh_config(5)): the user's own command whose standard streams lead to the host. */
import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { HotdeskError } from '../kernel/errors.ts';
import type { ResolvedTarget } from './target.ts';

/**
 * Starts the command by a shell, as ssh does; it ends with the stream. The tokens hold nothing but
 * names that checkTarget let pass.
 * @throws HotdeskError `bad-settings` when the target has none
 */
export function openProxy(target: ResolvedTarget): Duplex {
  const { proxyCommand } = target;
  if (!proxyCommand) throw new HotdeskError('bad-settings', `${target.name} has no ProxyCommand.`);
  const tokens: Readonly<Record<string, string>> = {
    '%': '%',
    h: target.hostName,
    n: target.name,
    p: String(target.port),
    r: target.user,
  };
  const command = proxyCommand.replace(/%([%hnpr])/gu, (whole, token: string) => tokens[token] ?? whole);
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'ignore'] });
  const stream = Duplex.from({ writable: child.stdin, readable: child.stdout });
  child.once('error', (error) => stream.destroy(error));
  stream.once('close', () => child.kill());
  return stream;
}
