/** Agent forwarding: what runs on the host may use our ssh-agent for as long as the connection stands. */
import type { Client, ExecOptions } from 'ssh2';
import type { Line } from './line.ts';

/** How long the one command may take that the request needs. */
const ASK_MS = 5000;

/** What ssh2 has and its types have not. It takes an agent with the login only, where it would serve for keys too. */
interface Forwarding {
  _agent: unknown;
}

/**
 * Asks sshd to pass our ssh-agent on (auth-agent-req@openssh.com). It takes that once for a connection,
 * on a session; each session after it has SSH_AUTH_SOCK.
 * @param socket of our ssh-agent
 * @returns whether it does
 */
export async function forwardAgent({ client }: Line, socket: string): Promise<boolean> {
  const { ssh2 } = await import('./wire/ssh2.ts');
  (client as Client & Forwarding)._agent = new ssh2.OpenSSHAgent(socket);
  const options: ExecOptions & { readonly agentForward: true } = { agentForward: true };
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), ASK_MS);
    const settle = (forwards: boolean) => {
      clearTimeout(late);
      resolve(forwards);
    };
    client.once('close', () => settle(false));
    client.exec(':', options, (error, channel) => {
      if (error) return settle(false);
      channel.on('error', () => {});
      channel.resume();
      channel.stderr.resume();
      channel.once('close', () => settle(true));
      channel.end();
    });
  });
}
