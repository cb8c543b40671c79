/** Gives the running ssh-agent a key, and takes one away: draft-miller-ssh-agent §3.2 and §3.4. */
import { withTimeout } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { agentRequest } from './auth/agent-wire.ts';
import { sshString } from './auth/blob.ts';

const ANSWER_MS = 3000;
const SUCCESS = 6;
const ADD_IDENTITY = 17;
const REMOVE_IDENTITY = 18;

/**
 * Hands it an Ed25519 key.
 * @param seed the private half, 32 bytes. @param blob the public key as SSH sends it
 * @throws HotdeskError `command-failed`
 */
export async function addAgentKey(
  socket: string,
  seed: Buffer,
  blob: Buffer,
  comment: string,
): Promise<void> {
  // After the type's name.
  const point = blob.subarray(blob.length - 32);
  const fields = ['ssh-ed25519', point, Buffer.concat([seed, point]), comment].map(sshString);
  try {
    await ask(socket, Buffer.concat([Buffer.from([ADD_IDENTITY]), ...fields]));
  } catch (cause) {
    throw new HotdeskError('command-failed', 'The ssh-agent did not take the key.', {
      cause,
      hint: 'Is it locked? ssh-add -X',
    });
  }
}

/** @returns whether it held the key; false too where no ssh-agent answers any more, and so none holds it */
export async function removeAgentKey(socket: string, blob: Buffer): Promise<boolean> {
  try {
    await ask(socket, Buffer.concat([Buffer.from([REMOVE_IDENTITY]), sshString(blob)]));
    return true;
  } catch {
    return false;
  }
}

function ask(socket: string, body: Buffer): Promise<Buffer> {
  const late = new HotdeskError('timeout', 'The ssh-agent did not answer.');
  return withTimeout(ANSWER_MS, late, undefined, (signal) => agentRequest(socket, body, SUCCESS, signal));
}
