/** Asks an RDP server who it is: as far as its certificate, and not a byte of a login. */
import { connect, type Socket } from 'node:net';
import { connect as secure } from 'node:tls';
import { HotdeskError } from '../../kernel/errors.ts';
import { NEGOTIATION_REQUEST, type Negotiated, readNegotiation } from './negotiation.ts';

export interface RdpPresence {
  /** Where it answered: a name or an address, with its zone. */
  readonly address: string;
  readonly port: number;
  /** SHA-256 of its certificate, as FreeRDP and openssl(1) write it: `aa:bb:…`. */
  readonly fingerprint: string;
  /** It wants the login inside CredSSP, before it shows anything. */
  readonly nla: boolean;
}

/** How long a server on this network may take, in ms. */
const PATIENCE_MS = 6000;

/** @throws HotdeskError `host-unreachable`, `connection-refused`, `timeout`, `protocol-error`, `not-supported`, `cancelled` */
export async function greetRdp(address: string, port: number, signal: AbortSignal): Promise<RdpPresence> {
  const socket = connect({ host: address, port });
  const where = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const end = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    return await new Promise<RdpPresence>((resolve, reject) => {
      const onEnd = () => {
        const late = new HotdeskError(
          'timeout',
          `Nothing answered at ${where} within ${PATIENCE_MS / 1000} s.`,
        );
        reject(signal.aborted ? new HotdeskError('cancelled', 'Stopped before it was done.') : late);
      };
      if (end.aborted) onEnd();
      else end.addEventListener('abort', onEnd, { once: true });
      socket.on('error', (error) => reject(failure(error, where)));
      socket.once('close', () => reject(failure(undefined, where)));
      socket.once('connect', () => {
        socket.write(NEGOTIATION_REQUEST);
        hear(socket, (said) => {
          const problem = problemOf(said, where);
          if (problem) return reject(problem);
          fingerprintOf(socket, where).then(
            (fingerprint) => resolve({ address, port, fingerprint, nla: said === 'nla' }),
            reject,
          );
        });
      });
    });
  } finally {
    socket.destroy();
  }
}

/** @param heard called once */
function hear(socket: Socket, heard: (said: Negotiated) => void): void {
  let bytes = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    const said = readNegotiation(bytes);
    if (said === 'more') return;
    socket.off('data', onData);
    socket.pause();
    heard(said);
  };
  socket.on('data', onData);
}

/** Whose certificate it is has to be told by its fingerprint: nearly all have signed their own. */
function fingerprintOf(socket: Socket, where: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const tls = secure({
      socket,
      rejectUnauthorized: false,
      // Nothing is said over it, and old servers have old ciphers.
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    tls.on('error', (error) => reject(failure(error, where)));
    tls.once('secureConnect', () => {
      const { fingerprint256 } = tls.getPeerCertificate();
      tls.destroy();
      if (fingerprint256) resolve(fingerprint256.toLowerCase());
      else reject(new HotdeskError('protocol-error', `${where} has no certificate.`));
    });
  });
}

function problemOf(said: Negotiated, where: string): HotdeskError | undefined {
  switch (said) {
    case 'tls':
    case 'nla':
      return undefined;
    case 'plain':
    case 'refused':
      return new HotdeskError('not-supported', `${where} speaks RDP without TLS: nobody knows who answers.`, {
        hint: 'Switch TLS on there (xrdp: security_layer=tls in xrdp.ini).',
      });
    default:
      return new HotdeskError('protocol-error', `What answers at ${where} is no RDP server.`);
  }
}

function failure(error: Error | undefined, where: string): HotdeskError {
  const code = error && 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') {
    return new HotdeskError('connection-refused', `Nothing listens at ${where}.`, { cause: error });
  }
  if (code === undefined || code === 'ECONNRESET' || code === 'EPIPE') {
    return new HotdeskError('protocol-error', `${where} hung up before it said who it is.`, { cause: error });
  }
  return new HotdeskError('host-unreachable', `${where} cannot be reached (${String(code)}).`, {
    cause: error,
  });
}
