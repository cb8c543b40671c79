/** A forward as the agent makes it, in a process of its own. argv: JSON of a ForwardOrder. Says `ready`, ends with its input. */
import { forward } from '../../src/agent/forward.ts';
import { createPool, type SshEnvironment } from '../../src/ssh/ssh.ts';

export interface ForwardOrder {
  readonly environment: SshEnvironment;
  readonly host: string;
  readonly port: number;
  readonly far: string;
  readonly near: string;
}

async function main(order: ForwardOrder): Promise<void> {
  const connection = await createPool(order.environment).connect({ name: order.host, port: order.port });
  await forward(order.near, {
    open: (signal) => connection.open({ kind: 'unix', path: order.far }, signal),
    holdMs: 0,
  });
  process.stdout.write('ready\n');
  process.stdin.on('end', () => process.exit(0)).resume();
}

void main(JSON.parse(process.argv[2] ?? '') as ForwardOrder);
