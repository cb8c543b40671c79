/** An attempt as ssh2 takes it. */
import type { AnyAuthMethod, Client, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2';
import { BlobReader, sshString } from './blob.ts';
import { sendSigned } from './internals.ts';
import type { Attempt, Identity, RsaHash } from './provider.ts';

/** Key types of which ssh2 writes the signature as servers want it. */
const NATIVE: ReadonlySet<string> = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
]);

/** An ed25519 public key that is nobody's: what ssh2 takes for a key must come from its own parser. */
const NOBODY = Buffer.concat([sshString('ssh-ed25519'), sshString(Buffer.alloc(32, 1))]);

/**
 * @param onError told what failed where ssh2 would say nothing: the connection is of no more use
 * @returns undefined for a key that is none, whatever its type says
 */
export async function methodOf(
  attempt: Attempt,
  username: string,
  client: Client,
  onError: (error: unknown) => void,
): Promise<AnyAuthMethod | undefined> {
  switch (attempt.method) {
    case 'none':
      return { type: 'none', username };
    case 'password':
      return { type: 'password', username, password: attempt.password };
    case 'keyboard-interactive':
      return {
        type: 'keyboard-interactive',
        username,
        prompt: (name, instruction, _language, prompts, finish) => {
          attempt.answer({ name, instruction, prompts }).then((answers) => finish([...answers]), onError);
        },
      };
    case 'publickey': {
      const agent = await agentOf(attempt.identity, client);
      return agent && { type: 'agent', username, agent };
    }
  }
}

/**
 * An agent that holds one key, so that the chain decides which and how many are offered. Of ssh2's
 * methods only `agent` waits for a signature: for a passphrase, a touch.
 */
async function agentOf(identity: Identity, client: Client) {
  const { ssh2 } = await import('../wire/ssh2.ts');
  const { algorithm, blob } = identity;
  const isNative = NATIVE.has(algorithm);
  const parsed = ssh2.utils.parseKey(isNative ? blob : NOBODY);
  if (parsed instanceof Error) return undefined;
  const key: ParsedKey = Object.create(parsed, {
    type: { value: algorithm },
    getPublicSSH: { value: () => blob },
  });
  const agent = new ssh2.OpenSSHAgent('');
  agent.getIdentities = (callback) => callback(undefined, [key]);
  agent.sign = (
    _key: unknown,
    data: Buffer,
    options?: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ) => {
    const done = typeof options === 'function' ? options : callback;
    const hash = typeof options === 'object' ? (options.hash as RsaHash | undefined) : undefined;
    identity.sign(data, hash).then(
      (signature) => {
        if (isNative) done?.(undefined, innerOf(signature));
        else sendSigned(client, data, signature);
      },
      (error: Error) => done?.(error),
    );
    return true;
  };
  return agent;
}

/** The signature without its type, which ssh2 writes itself. */
function innerOf(signature: Buffer): Buffer {
  const reader = new BlobReader(signature);
  reader.string();
  return reader.string() ?? Buffer.alloc(0);
}
