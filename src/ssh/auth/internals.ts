/** The places where ssh2 1.17 offers no way: what is not in its types, and why it is needed. */
import type { Client } from 'ssh2';
import { sshString } from './blob.ts';

type RefusalHandler = (protocol: unknown, methods: readonly string[], partial: boolean) => void;

interface Internals {
  readonly config: { password?: string | undefined };
  readonly _protocol: {
    /** Methods that an answer is waited for, the first one first. */
    readonly _authsQueue: string[];
    /** What is called with each message of a kind. */
    readonly _handlers: Record<'USERAUTH_FAILURE', RefusalHandler>;
    readonly _cipher: { encrypt(packet: Buffer): void };
    readonly _packetRW: {
      readonly write: {
        readonly allocStart: number;
        alloc(length: number): Buffer;
        finalize(packet: Buffer): Buffer;
      };
    };
  };
}

function internalsOf(client: Client): Internals {
  return client as unknown as Internals;
}

/**
 * Sends the request for which `data` was signed. ssh2 would write the key's type into the signature
 * too; a certificate's signature has the type of its key, and a hardware key's has fields after it
 * (PROTOCOL.certkeys, PROTOCOL.u2f).
 * @param data the session's id, then the request without its signature (RFC 4252 §7)
 */
export function sendSigned(client: Client, data: Buffer, signature: Buffer): void {
  const { _authsQueue: queue, _cipher: cipher, _packetRW } = internalsOf(client)._protocol;
  const payload = Buffer.concat([data.subarray(4 + data.readUInt32BE(0)), sshString(signature)]);
  const { write } = _packetRW;
  const start = write.allocStart;
  const packet = write.alloc(payload.length);
  payload.copy(packet, start);
  queue.push('publickey');
  cipher.encrypt(write.finalize(packet));
}

/**
 * To be called before ssh2 is given the new password: it sends the old one from its configuration,
 * where no method of ours has put it, and counts the request that was answered as open still.
 */
export function beforeChange(client: Client, oldPassword: string): void {
  const { config, _protocol } = internalsOf(client);
  config.password = oldPassword;
  _protocol._authsQueue.shift();
  // It has been written by then.
  setImmediate(() => {
    config.password = undefined;
  });
}

/**
 * Calls `listener` with each refusal (RFC 4252 §5.1), before ssh2 asks for the next way: the methods that
 * can go on, and whether the last one was taken in part. Of a key in an agent, which all of ours are
 * to it, ssh2 passes on neither. To be called after Client.connect.
 */
export function onRefusal(
  client: Client,
  listener: (methods: readonly string[], partial: boolean) => void,
): void {
  const handlers = internalsOf(client)._protocol._handlers;
  const own = handlers.USERAUTH_FAILURE;
  handlers.USERAUTH_FAILURE = (protocol, methods, partial) => {
    listener(methods, partial);
    own(protocol, methods, partial);
  };
}
