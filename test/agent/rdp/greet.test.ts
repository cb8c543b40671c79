/** A server of the test's, which says the first words of RDP and then what it likes. */
import { X509Certificate } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { greetRdp } from '../../../src/agent/rdp/greet.ts';
import { NEGOTIATION_REQUEST } from '../../../src/agent/rdp/negotiation.ts';
import { until } from '../../rigs/until.ts';

/** Self-signed, for nothing but this, until 2126. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiHSS/NporwfHO+pa
CezpgXTSwqE5+cvp/KD/qkYWgwKhRANCAASGtChQPUOSP/gb4Ho4eNljj6AITUld
vYBNYIvMEL/poXL/1ZeOVB7cltr7EQHmYxmmfnhRc1fUAwtMvoaad6sD
-----END PRIVATE KEY-----`;
const CERT = `-----BEGIN CERTIFICATE-----
MIIBdjCCARugAwIBAgIUav4cmE1DYiPiXlKmbHvRK8QDUQAwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEZGVzazAgFw0yNjExMjIwMjI5NTdaGA8yMTI2MTAyOTAyMjk1
N1owDzENMAsGA1UEAwwEZGVzazBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIa0
KFA9Q5I/+Bvgejh42WOPoAhNSV29gE1gi8wQv+mhcv/Vl45UHtyW2vsRAeZjGaZ+
eFFzV9QDC0y+hpp3qwOjUzBRMB0GA1UdDgQWBBQdtcbCT5fk4r4p4hrDI+Cj3UHs
PjAfBgNVHSMEGDAWgBQdtcbCT5fk4r4p4hrDI+Cj3UHsPjAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0kAMEYCIQDDB0QNDzRA7rX7Gq2GjgA2/kUms0XwegFH
Gc5FPCA/NAIhAP5z24qIucu5zvuBHh4g+svutsSoNsXXSrJ53yv8eCyF
-----END CERTIFICATE-----`;

const confirm = (type: number, value: number) =>
  Uint8Array.from([3, 0, 0, 0x13, 0x0e, 0xd0, 0, 0, 0x12, 0x34, 0, type, 0, 8, 0, value, 0, 0, 0]);

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  sockets.clear();
});

/** @param answer what it does when it has heard the first words whole */
async function server(answer: (socket: Socket) => void) {
  const heard: Buffer[] = [];
  const made = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    socket.once('data', (bytes) => {
      heard.push(bytes);
      answer(socket);
    });
  });
  servers.push(made);
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const { port } = made.address() as AddressInfo;
  const stop = new AbortController();
  return { port, heard, stop, greet: () => greetRdp('127.0.0.1', port, stop.signal) };
}

describe('a server with a certificate', () => {
  /** @param parts its answer, one packet each */
  const secured = (parts: readonly Uint8Array[], onSaid: (data: Buffer) => void = () => {}) =>
    server(async (socket) => {
      // What the client says next is TLS.
      socket.pause();
      for (const [i, part] of parts.entries()) {
        if (i > 0) await new Promise((resolve) => setTimeout(resolve, 5));
        socket.write(part);
      }
      const tls = new TLSSocket(socket, { isServer: true, key: KEY, cert: CERT });
      tls.on('error', () => {});
      tls.on('data', onSaid);
    });
  const fingerprint = new X509Certificate(CERT).fingerprint256.toLowerCase();

  it('is known by that, and hears nothing of a login', async () => {
    const said: Buffer[] = [];
    const { greet, port, heard } = await secured([confirm(2, 2)], (data) => said.push(data));
    expect(await greet()).toEqual({ address: '127.0.0.1', port, fingerprint, nla: true });
    expect(heard).toEqual([Buffer.from(NEGOTIATION_REQUEST)]);
    await until('it has hung up', () => sockets.size === 0);
    expect(said).toEqual([]);
  });

  it('may answer in pieces, and without network level authentication', async () => {
    const answer = confirm(2, 1);
    const { greet } = await secured([answer.subarray(0, 3), answer.subarray(3, 12), answer.subarray(12)]);
    expect(await greet()).toMatchObject({ fingerprint, nla: false });
  });
});

describe('what nobody can be known by', () => {
  it.each([
    ['RDP without TLS', confirm(2, 0), 'not-supported'],
    ['a refusal', confirm(3, 2), 'not-supported'],
    ['another protocol', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), 'protocol-error'],
  ])('%s is told as that, and left', async (_what, answer, code) => {
    const { greet } = await server((socket) => socket.write(answer));
    await expect(greet()).rejects.toMatchObject({ code });
    await until('it has hung up', () => sockets.size === 0);
  });

  it.each([
    ['at once', (socket: Socket) => socket.destroy()],
    ['in the middle of its answer', (socket: Socket) => socket.end(confirm(2, 1).subarray(0, 8))],
    ['when TLS begins', (socket: Socket) => socket.end(confirm(2, 1))],
  ])('who hangs up %s', async (_when, answer) => {
    const { greet } = await server(answer);
    await expect(greet()).rejects.toMatchObject({
      code: 'protocol-error',
      message: expect.stringContaining('hung up'),
    });
  });

  it('where nothing listens', async () => {
    const { greet } = await server(() => {});
    const [gone] = servers.splice(0);
    await new Promise((resolve) => gone?.close(resolve));
    await expect(greet()).rejects.toMatchObject({ code: 'connection-refused' });
  });
});

it('whoever asks can stop, and nothing stays open', async () => {
  const { greet, stop } = await server((socket) => socket.write(confirm(2, 1)));
  const refused = expect(greet()).rejects.toMatchObject({ code: 'cancelled' });
  await until('it is heard', () => sockets.size === 1);
  stop.abort();
  await refused;
  await until('it has hung up', () => sockets.size === 0);
  await expect(greet()).rejects.toMatchObject({ code: 'cancelled' });
});
