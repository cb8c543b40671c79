/**
 * Speaks to an ssh-agent (draft-miller-ssh-agent): its keys as they are, so certificates and hardware
 * keys too, which ssh2's own client drops.
 */
import { connect } from 'node:net';
import { HotdeskError } from '../../kernel/errors.ts';
import { BlobReader, sshString } from './blob.ts';
import type { RsaHash } from './provider.ts';

const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;
const SHA256_FLAG = 2;
const SHA512_FLAG = 4;
/** Longest answer that is read, as in OpenSSH. */
const MAX_ANSWER = 256 * 1024;

export interface AgentKey {
  readonly blob: Buffer;
  /** Not sanitised. */
  readonly comment: string;
}

/** What the agent at `socket` holds. @throws HotdeskError `protocol-error` */
export async function agentKeys(socket: string, signal: AbortSignal): Promise<AgentKey[]> {
  const answer = await agentRequest(socket, Buffer.from([REQUEST_IDENTITIES]), IDENTITIES_ANSWER, signal);
  const reader = new BlobReader(answer);
  const count = reader.uint32() ?? 0;
  const keys: AgentKey[] = [];
  for (let i = 0; i < count; i += 1) {
    const blob = reader.string();
    const comment = reader.text();
    if (!blob || comment === undefined) break;
    keys.push({ blob: Buffer.from(blob), comment });
  }
  return keys;
}

/** The signature, as SSH writes it. Waits for a touch or a yes as long as the signal does. @throws HotdeskError `protocol-error` */
export async function agentSign(
  socket: string,
  key: Buffer,
  data: Buffer,
  hash: RsaHash | undefined,
  signal: AbortSignal,
): Promise<Buffer> {
  const flags = Buffer.alloc(4);
  flags.writeUInt32BE(hash === 'sha512' ? SHA512_FLAG : hash === 'sha256' ? SHA256_FLAG : 0, 0);
  const body = Buffer.concat([Buffer.from([SIGN_REQUEST]), sshString(key), sshString(data), flags]);
  const signature = new BlobReader(await agentRequest(socket, body, SIGN_RESPONSE, signal)).string();
  if (!signature) throw refused();
  return Buffer.from(signature);
}

/**
 * One request and its answer, without the answer's type.
 * @param expected type of the answer that is no refusal
 * @throws HotdeskError `protocol-error`
 */
export function agentRequest(
  path: string,
  body: Buffer,
  expected: number,
  signal: AbortSignal,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (error?: Error, answer?: Buffer) => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      if (answer) resolve(answer);
      else reject(error ?? refused());
    };
    const onAbort = () => end();
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size < 5) return;
      const all = Buffer.concat(chunks);
      const length = all.readUInt32BE(0);
      if (length < 1 || length > MAX_ANSWER) return end();
      if (size < 4 + length) return;
      end(undefined, all[4] === expected ? all.subarray(5, 4 + length) : undefined);
    });
    socket.once('error', (cause) =>
      end(new HotdeskError('protocol-error', 'No ssh-agent answers.', { cause })),
    );
    socket.once('close', () => end());
    socket.once('connect', () => socket.write(sshString(body)));
  });
}

function refused(): HotdeskError {
  return new HotdeskError('protocol-error', 'The ssh-agent refused.');
}
